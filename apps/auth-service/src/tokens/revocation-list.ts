import { Injectable } from '@nestjs/common';
import type { ShareToken } from '@warden/tokens';
import type { Access } from './access.js';

/** Ends links that were never seen here. Every member that is not null must match. */
export interface RevocationRule {
  readonly id: string;
  readonly studyDicomUid: string | null;
  readonly studyOrthancId: string | null;
  /** PatientID. */
  readonly patientId: string | null;
  readonly label: string | null;
  /** `kid` of the key that signed. */
  readonly keyId: string | null;
  /** Milliseconds since the epoch. A token that does not say when it was minted counts as minted before. */
  readonly mintedBefore: number | null;
}

export interface RevokedShare {
  readonly identity: string;
  /** Milliseconds since the epoch; the entry is dropped once the share has expired anyway. */
  readonly expiresAt: number | null;
  /** Milliseconds since the epoch: an end that the token does not say; null: no longer one. Absent: ended already. */
  readonly endsAt?: number | null;
}

/** What ends shares before their expiry, in memory, so that a decision asks the database nothing. */
@Injectable()
export class RevocationList {
  private revoked = new Map<string, number>();
  private shortened = new Map<string, { readonly endsAt: number; readonly expiresAt: number }>();
  private rules = new Map<string, RevocationRule>();

  /** Takes the place of all that was known. */
  replace(shares: readonly RevokedShare[], rules: readonly RevocationRule[]): void {
    this.revoked = new Map();
    this.shortened = new Map();
    for (const share of shares) this.revoke(share);
    this.rules = new Map(rules.map((rule) => [rule.id, rule]));
  }

  revoke({ identity, expiresAt, endsAt }: RevokedShare): void {
    const forgottenAt = expiresAt ?? Infinity;
    if (endsAt === undefined) this.revoked.set(identity, forgottenAt);
    else if (endsAt === null) this.shortened.delete(identity);
    else this.shortened.set(identity, { endsAt, expiresAt: forgottenAt });
  }

  addRule(rule: RevocationRule): void {
    this.rules.set(rule.id, rule);
  }

  /** Forgets shares that are refused by their expiry from now on. */
  prune(now: number): void {
    for (const [identity, expiresAt] of this.revoked) if (expiresAt < now) this.revoked.delete(identity);
    for (const [identity, { expiresAt }] of this.shortened) if (expiresAt < now) this.shortened.delete(identity);
  }

  /** An end that the token itself does not say, in milliseconds since the epoch; Infinity: none. */
  endOf({ identity, parent }: Pick<ShareToken, 'identity' | 'parent'>): number {
    if (this.shortened.size === 0) return Infinity;
    const own = this.shortened.get(identity)?.endsAt ?? Infinity;
    return parent === null ? own : Math.min(own, this.shortened.get(parent.identity)?.endsAt ?? Infinity);
  }

  /** `access` adds what the token does not say: the labels of the resource asked for. */
  has(token: ShareToken, access: Pick<Access, 'labels'> | null): boolean {
    if (this.revoked.has(token.identity)) return true;
    if (token.parent !== null && this.revoked.has(token.parent.identity)) return true;
    for (const rule of this.rules.values()) if (matches(rule, token, access)) return true;
    return false;
  }

  sizes(): { shares: number; rules: number } {
    return { shares: this.revoked.size, rules: this.rules.size };
  }
}

function matches(rule: RevocationRule, token: ShareToken, access: Pick<Access, 'labels'> | null): boolean {
  const { resources } = token;
  // A viewer's token is as old as its share.
  const issuedAt = token.parent?.issuedAt ?? token.issuedAt;
  return (
    (rule.studyDicomUid === null ||
      resources.some((one) => one.level === 'study' && one.dicomUid === rule.studyDicomUid)) &&
    (rule.studyOrthancId === null ||
      resources.some((one) => one.level === 'study' && one.orthancId === rule.studyOrthancId)) &&
    (rule.patientId === null || resources.some((one) => one.level === 'patient' && one.dicomUid === rule.patientId)) &&
    (rule.label === null || (access?.labels?.includes(rule.label) ?? false)) &&
    (rule.keyId === null || token.kid === rule.keyId) &&
    (rule.mintedBefore === null || issuedAt === null || issuedAt < rule.mintedBefore)
  );
}

/** Identities that the registry knows although nothing in the token says so: adopted ones, and those of retired keys. */
@Injectable()
export class RegisteredTokens {
  private identities = new Set<string>();

  replace(identities: Iterable<string>): void {
    this.identities = new Set(identities);
  }

  has(identity: string): boolean {
    return this.identities.has(identity);
  }
}
