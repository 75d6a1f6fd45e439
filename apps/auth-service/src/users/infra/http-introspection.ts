import type { IssuerConfig } from '../../platform/config/config.js';
import { fetchJson } from '../../platform/http/fetch-json.js';
import type { Claims } from '../bearer/claims.js';
import { Introspection } from '../bearer/introspection.js';

/** RFC 7662 section 2, with the client's credentials by HTTP Basic (RFC 6749 section 2.3.1). */
export class HttpIntrospection extends Introspection {
  async ask(issuer: IssuerConfig, url: string, token: string): Promise<Claims | null> {
    if (issuer.introspection === null) throw new Error('no client secret is set');
    const { clientId, clientSecret } = issuer.introspection;
    const form = (text: string) => encodeURIComponent(text);
    const { status, json } = await fetchJson(url, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${form(clientId)}:${form(clientSecret.reveal())}`).toString('base64')}`,
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    });
    if (status === 401 || status === 403)
      throw new Error(`it refuses the client ${clientId} (${status}); check the client secret`);
    if (status !== 200 || typeof json !== 'object' || json === null) throw new Error(`it answers ${status}`);
    const claims = json as Claims;
    return claims['active'] === true ? claims : null;
  }
}
