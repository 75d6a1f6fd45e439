import type { TrustedIssuer } from './bearer/bearer-tokens.js';

/** The issuers of the settings with their keys, for whoever needs to know how they fare. */
export class TrustedIssuers {
  constructor(readonly list: readonly TrustedIssuer[]) {}

  /** For the readiness answer: whether tokens of each issuer can be judged, and what is wrong when not. */
  checks(): { name: string; ok: boolean; detail: string | null }[] {
    return this.list.map(({ config, keys }) => {
      const { ageSeconds, fault } = keys.state();
      const name = `issuer ${config.name}`;
      if (fault === null) return { name, ok: true, detail: null };
      const known = ageSeconds === null ? 'no keys are known' : `its keys of ${Math.round(ageSeconds)} s ago are used`;
      return { name, ok: false, detail: `${fault}; ${known}` };
    });
  }

  /** Asks each for its keys, so that the first user need not wait. Never rejects: what is wrong is in their state. */
  async warm(): Promise<void> {
    await Promise.allSettled(this.list.map(({ keys }) => keys.current()));
  }
}
