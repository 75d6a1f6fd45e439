import type { ShareResource } from '@warden/tokens';
import { fetchText } from '../../platform/http/fetch-json.js';
import { MeddreamTokens, studyUidsOf } from '../links/meddream-tokens.js';
import { viewerUnavailable } from '../shares.errors.js';

/** Milliseconds, the body included: a person waits for the page. */
const timeLimit = 3_000;
const longestToken = 16_384;

/** `POST {"items":[{"studies":{"study","storage"}}]}`; the plain-text answer is the token. */
export class HttpMeddreamTokens extends MeddreamTokens {
  constructor(private readonly serviceUrl: string | null) {
    super();
  }

  async tokenFor(resources: readonly ShareResource[]): Promise<string> {
    const items = studyUidsOf(resources).map((study) => ({ studies: { study, storage: 'Orthanc' } }));
    if (this.serviceUrl === null) throw viewerUnavailable(new Error('MEDDREAM_TOKEN_SERVICE_URL is not set'));
    try {
      const { status, text } = await fetchText(this.serviceUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ items }),
        timeLimit,
      });
      if (status < 200 || status >= 300) throw new Error(`the token service answered ${status}`);
      const token = text.trim();
      // Whatever it is goes into an address: only what needs no escaping there.
      if (token.length > longestToken || !/^[A-Za-z0-9._~=-]+$/.test(token))
        throw new Error('the answer is not a token');
      return token;
    } catch (error) {
      throw viewerUnavailable(error);
    }
  }
}
