import { isPlainUid } from '@warden/orthanc';
import { type FieldFault, invalidInput } from '../platform/errors/domain-error.js';
import { parseJsonBody } from '../platform/http/json-body.js';
import type { WantedParts } from '../shares/index.js';

const levels = new Map([
  ['Study', 'study'],
  ['Series', 'series'],
  ['Instance', 'instance'],
] as const);
const known = new Set(['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID']);

/** Reads a search of Orthanc's `/tools/find` that asks for parts of one study. Throws `invalid-input` for any other. */
export function readFindBody(text: string): WantedParts {
  const body = objectOf(parseJsonBody(Buffer.from(text)));
  const query = objectOf(body?.['Query']);
  const faults: FieldFault[] = [];
  const level = levels.get(body?.['Level'] as 'Study');
  if (level === undefined)
    faults.push({
      field: 'Level',
      problem: 'is none of a share',
      remedy: `send one of ${[...levels.keys()].join(', ')}`,
    });
  for (const [name, value] of Object.entries(body ?? {}))
    if (name !== 'Level' && name !== 'Query' && !(name === 'Expand' && value === false))
      faults.push({ field: 'body', problem: 'holds more than Level and Query', remedy: 'leave the rest out' });
  for (const [name, value] of Object.entries(query ?? {}))
    if (!known.has(name) || typeof value !== 'string' || !isPlainUid(value))
      faults.push({ field: 'Query', problem: 'holds what is no UID', remedy: `send ${[...known].join(', ')}` });
  const study = query?.['StudyInstanceUID'];
  if (typeof study !== 'string')
    faults.push({ field: 'Query.StudyInstanceUID', problem: 'is missing', remedy: 'name the shared study' });
  if (level === undefined || typeof study !== 'string' || faults.length > 0) throw invalidInput(faults);
  return {
    level,
    studyInstanceUid: study,
    seriesInstanceUid: textOf(query?.['SeriesInstanceUID']),
    sopInstanceUid: textOf(query?.['SOPInstanceUID']),
  };
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
