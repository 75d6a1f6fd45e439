import { RESOURCE_LEVELS, stripBearer } from '@warden/tokens';
import type { AccessMethod, TokenQuestion } from '../tokens/index.js';
import { type JsonObject, WireReader, objectBody } from './wire.js';

const methods: readonly AccessMethod[] = ['get', 'post', 'put', 'delete'];

/** The token of a body, or of the `token` header when the body has none: the body wins. Empty when there is neither. */
export function tokenOf(body: JsonObject, reader: WireReader, headerToken: string | string[] | undefined): string {
  const own = reader.text(body, 'token-value');
  const header = typeof headerToken === 'string' ? headerToken : '';
  return stripBearer(own === null || own === '' ? header : own);
}

/** Reads `POST /tokens/validate`. Throws `invalid-input`; an odd id is not a fault, it simply matches nothing. */
export function readTokenQuestion(json: unknown, headerToken: string | string[] | undefined): TokenQuestion {
  const body = objectBody(json);
  const reader = new WireReader();
  const method = reader.choice(body, 'method', methods);
  if (method === null && reader.faults.length === 0)
    reader.fault('method', 'is missing', `send one of ${methods.join(', ')}`);
  const question = {
    token: tokenOf(body, reader, headerToken),
    access: {
      level: reader.choice(body, 'level', RESOURCE_LEVELS),
      method: method ?? 'get',
      dicomUid: reader.text(body, 'dicom-uid'),
      orthancId: reader.text(body, 'orthanc-id'),
      labels: labelsOf(body, reader),
      serverId: reader.text(body, 'server-id'),
    },
  };
  reader.settle();
  return question;
}

function labelsOf(body: JsonObject, reader: WireReader): readonly string[] | null {
  const { labels } = body;
  if (labels === undefined || labels === null) return null;
  if (Array.isArray(labels) && labels.every((label): label is string => typeof label === 'string')) return labels;
  reader.fault('labels', 'is not a list of texts', 'send a JSON array of strings, or leave it out');
  return null;
}
