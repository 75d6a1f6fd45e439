import type { AccessRecorder } from '../audit/index.js';
import type { Log } from '../platform/observability/log.js';
import { type ApiKeysInForce, isApiKey } from './api-keys/index.js';
import type { BearerTokens } from './bearer/bearer-tokens.js';
import { type Identity, type IdentityVerdict, refused } from './identity.js';
import type { IdentityTally } from './identity-tally.js';
import type { KeycloakApiKeys } from './keycloak-api-keys.js';
import type { Clock } from '../platform/time/clock.js';

export interface Credential {
  readonly kind: 'bearer' | 'api-key';
  /** The bare token or key. */
  readonly text: string;
}

/**
 * Says who a credential stands for. Every refusal leaves one line in the log, with its reason and what an installer could
 * change; never the credential.
 */
export class Identify {
  constructor(
    private readonly bearerTokens: BearerTokens,
    private readonly apiKeys: ApiKeysInForce,
    /** Null: ENABLE_KEYCLOAK_API_KEYS is off. */
    private readonly keycloakApiKeys: KeycloakApiKeys | null,
    private readonly tally: IdentityTally,
    private readonly recorder: AccessRecorder,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async execute(credential: Credential): Promise<IdentityVerdict> {
    const verdict = await this.verdictOn(credential, (key) => this.apiKeys.find(key, this.clock.now()));
    this.tally.add(verdict.ok ? 'recognised' : verdict.reason);
    if (!verdict.ok)
      this.log.warn('identity-refused', {
        credential: credential.kind,
        reason: verdict.reason,
        detail: verdict.detail,
      });
    else this.tellOfUse(verdict.identity);
    return verdict;
  }

  private tellOfUse({ id, name, source }: Identity): void {
    if (source !== 'api-key') return;
    this.recorder.apiKeyUsed(id.slice('key:'.length), { kind: 'api-key', id, name }, this.clock.now());
  }

  /** The same verdict for whoever asks about somebody's credential: it is neither counted, nor logged, nor used. */
  explain(credential: Credential): Promise<IdentityVerdict> {
    return this.verdictOn(credential, (key) => this.apiKeys.look(key, this.clock.now()));
  }

  private async verdictOn(
    { kind, text }: Credential,
    ownKey: (text: string) => IdentityVerdict,
  ): Promise<IdentityVerdict> {
    if (kind === 'bearer') return this.bearerTokens.verify(text);
    if (isApiKey(text)) return ownKey(text);
    if (this.keycloakApiKeys === null)
      return refused(
        'not-configured',
        "this is no key of this service, and Keycloak's are off: ENABLE_KEYCLOAK_API_KEYS",
      );
    return this.keycloakApiKeys.find(text);
  }
}
