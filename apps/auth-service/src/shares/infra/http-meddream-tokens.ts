import type { ShareResource } from '@warden/tokens';
import { viewerUnavailable } from '../shares.errors.js';
import { MeddreamTokens } from '../meddream-tokens.js';

/** Milliseconds: a person waits for the page. */
const timeLimit = 3_000;
const longestToken = 16_384;

/** `POST {"items":[{"studies":{"study","storage"}}]}`; the plain-text answer is the token. */
export class HttpMeddreamTokens extends MeddreamTokens {
  constructor(private readonly serviceUrl: string | null) {
    super();
  }

  async tokenFor(resources: readonly ShareResource[]): Promise<string> {
    if (this.serviceUrl === null) throw viewerUnavailable(new Error('MEDDREAM_TOKEN_SERVICE_URL is not set'));
    const items = resources
      .filter((one) => one.dicomUid !== null)
      .map((one) => ({ studies: { study: one.dicomUid, storage: 'Orthanc' } }));
    try {
      const response = await fetch(this.serviceUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ items }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeLimit),
      });
      const text = (await response.text()).trim();
      if (!response.ok) throw new Error(`the token service answered ${response.status}`);
      // Whatever it is goes into an address: only what needs no escaping there.
      if (text.length > longestToken || !/^[A-Za-z0-9._~=-]+$/.test(text)) throw new Error('the answer is not a token');
      return text;
    } catch (error) {
      throw viewerUnavailable(error);
    }
  }
}
