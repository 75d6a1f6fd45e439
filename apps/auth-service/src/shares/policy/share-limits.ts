import type { FieldFault } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { type GateKind, gateKinds } from '../share.js';
import {
  type OverLimit,
  type PolicyRule,
  type RuleSays,
  type SharePolicyDocument,
  instantTypes,
} from './share-policy-document.js';

/** What applies to one caller and one type of token. Where `maxLife` is a number, `withoutExpiry` is false. */
export interface ShareLimits {
  readonly mint: boolean;
  /** Seconds; null: no maximum but SHARE_MAX_DURATION. */
  readonly maxLife: number | null;
  /** Seconds, never beyond `maxLife`; null: none. */
  readonly defaultLife: number | null;
  readonly withoutExpiry: boolean;
  /** One of these is required; none: a gate may be left out. */
  readonly gates: readonly GateKind[];
  /** Types whose viewer may be offered, sorted; null: every configured one. */
  readonly viewers: readonly string[] | null;
  readonly reasonRequired: boolean;
  readonly overLimit: OverLimit;
}

/** Stands in rules for whoever calls in the name of no user. No role of an issuer is taken for it. */
export const pluginRole = 'plugin';

/** Names by which rules may mean a caller, beside `*`. */
export function policyRolesOf({ via, scopes, roles }: Pick<Caller, 'via' | 'scopes' | 'roles'>): readonly string[] {
  // With ALLOW_UNAUTHENTICATED everybody has the scope: a person who is known stays one.
  if ((via === 'basic' || via === 'nothing') && scopes.includes('plugin')) return [pluginRole];
  return roles.filter((role) => role !== '*' && role !== pluginRole);
}

type Said = Required<RuleSays>;

/**
 * Merges the rules that mean a type and a caller, member by member:
 *
 * 1. For each role of the caller: what its rules for the type say, else what its rules for `*` say.
 * 2. Of several roles that say something, the most permissive counts, as permissions are a union too; so do several
 *    rules of one rank. The order of rules never matters.
 * 3. A member of which no role of the caller says anything: the rules for role `*`, in the same way.
 * 4. Of which those say nothing either: minted freely, without limits.
 *
 * A rule that gives `maxLife` so many seconds also says that links without expiry do not exist; one that says they do
 * also says that there is no maximum. `defaultLife` is cut to `maxLife`.
 */
export function mergeLimits(
  { overLimit, rules }: SharePolicyDocument,
  roles: readonly string[],
  type: string,
): ShareLimits {
  const forType = ranked(rules, (rule) => rule.types, type);
  const named = roles.map((role) => ofRole(forType, role));
  const everyone = [ofRole(forType, '*')];
  const merged = <K extends keyof Said>(
    member: K,
    builtIn: Said[K],
    wider: (one: Said[K], other: Said[K]) => Said[K],
  ) => {
    const told = [named, everyone].map((ranks) => ranks.flatMap((one) => firstSaid(one, member)));
    const values = told.find((some) => some.length > 0) ?? [builtIn];
    return values.reduce(wider);
  };
  const maxLife = merged('maxLife', null, longer);
  const gates = merged('gates', [], widerGates);
  const viewers = merged('viewers', null, widerViewers);
  return {
    mint: merged('mint', true, (one, other) => one || other),
    maxLife,
    defaultLife: atMost(merged('defaultLife', null, longer), maxLife),
    withoutExpiry: merged('withoutExpiry', true, (one, other) => one || other),
    gates: gateKinds.filter((kind) => gates.includes(kind)),
    viewers: viewers === null ? null : [...new Set(viewers)].sort(),
    reasonRequired: merged('reasonRequired', false, (one, other) => one && other),
    overLimit,
  };
}

/** What somebody who can say everything asks for. Times in milliseconds since the epoch. */
export interface ShareWish {
  readonly now: number;
  readonly expiresAt: number | null;
  readonly gate: GateKind | null;
  /** Type of token whose viewer is offered. */
  readonly viewer: string;
  readonly reason: string | null;
}

/** Everything that the limits do not let be; empty: it may be minted. Nothing is clamped: the caller reads our answer. */
export function checkAgainst(limits: ShareLimits, wish: ShareWish): FieldFault[] {
  const { mint, maxLife, withoutExpiry, gates, viewers, reasonRequired } = limits;
  const faults: FieldFault[] = [];
  const add = (field: string, problem: string, remedy: string) => void faults.push({ field, problem, remedy });
  if (!mint) add('type', 'may not be shared by you', 'choose another type; see GET /api/v1/share-policy/mine');
  if (wish.expiresAt === null) {
    const remedy = maxLife === null ? 'send when the link ends' : `send a moment within ${maxLife} seconds`;
    if (!withoutExpiry) add('expiresAt', 'is missing: links without expiry are not allowed', remedy);
  } else if (maxLife !== null && wish.expiresAt > wish.now + maxLife * 1000) {
    add('expiresAt', 'is later than the share policy allows', `send a moment within ${maxLife} seconds`);
  }
  if (gates.length > 0 && (wish.gate === null || !gates.includes(wish.gate)))
    add('gate', wish.gate === null ? 'is required' : 'is not one that is enough here', `choose ${gates.join(' or ')}`);
  if (viewers !== null && !instantTypes.includes(wish.viewer) && !viewers.includes(wish.viewer))
    add('type', 'may not be offered by you', `choose ${viewers.join(' or ')}`);
  if (reasonRequired && (wish.reason === null || wish.reason.trim() === ''))
    add('reason', 'is required', 'say why this is shared');
  return faults;
}

/** From the narrowest rank to the widest. */
type Ranks = readonly (readonly RuleSays[])[];

/** Rules for exactly this type, then rules for all types. */
function ranked(rules: readonly PolicyRule[], scope: (rule: PolicyRule) => readonly string[], name: string) {
  return [name, '*'].map((one) => rules.filter((rule) => scope(rule).includes(one)));
}

function ofRole(forType: readonly (readonly PolicyRule[])[], role: string): Ranks {
  return forType.map((rules) => rules.filter((rule) => rule.roles.includes(role)).map(withConsequences));
}

/** What the narrowest rank says that says anything of this member. */
function firstSaid<K extends keyof Said>(ranks: Ranks, member: K): Said[K][] {
  for (const rules of ranks) {
    const values = rules.map((rule) => rule[member]).filter((value) => value !== undefined);
    if (values.length > 0) return values as Said[K][];
  }
  return [];
}

function withConsequences(rule: PolicyRule): RuleSays {
  if (rule.withoutExpiry === true) return { ...rule, maxLife: null };
  return rule.maxLife == null ? rule : { ...rule, withoutExpiry: false };
}

function longer(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}

function atMost(life: number | null, most: number | null): number | null {
  return life === null || most === null ? life : Math.min(life, most);
}

/** None required is wider than any choice; else there is more to choose from. */
function widerGates(one: readonly GateKind[], other: readonly GateKind[]): readonly GateKind[] {
  return one.length === 0 || other.length === 0 ? [] : [...one, ...other];
}

function widerViewers(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  return one === null || other === null ? null : [...one, ...other];
}
