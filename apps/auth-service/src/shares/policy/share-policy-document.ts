import type { FieldFault } from '../../platform/errors/domain-error.js';
import { type GateKind, gateKinds } from '../share.js';

/** What a rule may say; what is absent it leaves to others. */
export interface RuleSays {
  readonly mint?: boolean;
  /** Seconds; null: no maximum. */
  readonly maxLife?: number | null;
  /** Seconds, when no expiry is asked for; null: none. */
  readonly defaultLife?: number | null;
  /** Whether a link may live without an end. */
  readonly withoutExpiry?: boolean;
  /** One of these is required; none: a gate may be left out. */
  readonly gates?: readonly GateKind[];
  /** Types of token whose viewer may be offered; null: every configured one. */
  readonly viewers?: readonly string[] | null;
  readonly reasonRequired?: boolean;
}

export interface PolicyRule extends RuleSays {
  /** Names of roles, or `*` alone. */
  readonly roles: readonly string[];
  /** Types of token, or `*` alone. */
  readonly types: readonly string[];
}

/** What becomes of a longer or missing expiry where the request is not ours to shape: the plugin's, Orthanc's. */
export const overLimits = ['clamp', 'refuse'] as const;

export type OverLimit = (typeof overLimits)[number];

export interface SharePolicyDocument {
  readonly overLimit: OverLimit;
  readonly rules: readonly PolicyRule[];
}

/** In force until somebody writes another. The plugin's interface does not show our message, so it clamps. */
export const builtInPolicy: SharePolicyDocument = { overLimit: 'clamp', rules: [] };

export const policyBounds = {
  rules: 200,
  /** Of one list of roles, types or viewers. */
  entries: 100,
  name: 256,
  seconds: 100 * 365 * 24 * 3600,
  faults: 100,
} as const;

/** Opened at once by whoever asked for them, so nobody could be asked for a PIN. */
export const instantTypes: readonly string[] = [
  'viewer-instant-link',
  'download-instant-link',
  'meddream-instant-link',
];

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a policy. Closed: a member that is not known is a fault, since a misspelt limit limits nothing.
 *
 * @returns all that is wrong, fields under `at`; beyond 100 faults the last one counts the rest. Never throws.
 */
export function parseSharePolicy(
  json: unknown,
  at = '',
):
  | { readonly ok: true; readonly document: SharePolicyDocument }
  | { readonly ok: false; readonly faults: FieldFault[] } {
  const reader = new PolicyReader();
  const document = reader.read(json, at);
  return reader.faulty ? { ok: false, faults: reader.report(at) } : { ok: true, document };
}

const policyMembers = ['overLimit', 'rules'];
const ruleMembers = [
  'roles',
  'types',
  'mint',
  'maxLife',
  'defaultLife',
  'withoutExpiry',
  'gates',
  'viewers',
  'reasonRequired',
];

class PolicyReader {
  private readonly faults: FieldFault[] = [];
  private unlisted = 0;

  get faulty(): boolean {
    return this.faults.length > 0;
  }

  report(at: string): FieldFault[] {
    if (this.unlisted === 0) return this.faults;
    const problem = `holds ${this.unlisted} more faults`;
    return [...this.faults, { field: at || 'body', problem, remedy: 'correct those listed, then try again' }];
  }

  read(json: unknown, at: string): SharePolicyDocument {
    if (!isObject(json)) {
      this.add(at || 'body', 'is missing or not a JSON object', 'send {"overLimit": "clamp", "rules": […]}');
      return builtInPolicy;
    }
    this.refuseUnknown(json, policyMembers, at);
    return {
      overLimit: this.overLimit(json['overLimit'], under(at, 'overLimit')),
      rules: this.rules(json['rules'], under(at, 'rules')),
    };
  }

  private overLimit(value: unknown, at: string): OverLimit {
    const found = overLimits.find((one) => one === value);
    if (found === undefined && value !== undefined) this.add(at, 'is not a known value', 'send clamp or refuse');
    return found ?? builtInPolicy.overLimit;
  }

  private rules(value: unknown, at: string): PolicyRule[] {
    if (!Array.isArray(value)) {
      this.add(at, 'is missing or not a list', 'send a JSON array of rules, [] for none');
      return [];
    }
    if (value.length > policyBounds.rules) {
      this.add(at, `holds more than ${policyBounds.rules} rules`, 'name several roles and types in one rule');
      return [];
    }
    return value.map((rule: unknown, index) => this.rule(rule, `${at}[${index}]`));
  }

  private rule(json: unknown, at: string): PolicyRule {
    if (!isObject(json)) {
      this.add(at, 'is not a JSON object', 'send {"roles": ["*"], "types": ["*"], …}');
      return { roles: [], types: [] };
    }
    this.refuseUnknown(json, ruleMembers, at);
    const rule: PolicyRule = {
      roles: this.scope(json['roles'], `${at}.roles`),
      types: this.scope(json['types'], `${at}.types`),
      ...this.told(json, at, 'mint', readBoolean),
      ...this.told(json, at, 'maxLife', readSeconds),
      ...this.told(json, at, 'defaultLife', readSeconds),
      ...this.told(json, at, 'withoutExpiry', readBoolean),
      ...this.told(json, at, 'gates', (value) => this.gates(value, `${at}.gates`)),
      ...this.told(json, at, 'viewers', (value) =>
        value === null ? null : this.names(value, `${at}.viewers`, 'send null for every configured viewer'),
      ),
      ...this.told(json, at, 'reasonRequired', readBoolean),
    };
    this.contradictions(rule, at);
    return rule;
  }

  /** The member, when the rule has it. What `read` throws is a fault of it. */
  private told<K extends keyof RuleSays>(
    json: JsonObject,
    at: string,
    member: K,
    read: (value: unknown) => RuleSays[K],
  ): Pick<RuleSays, K> | undefined {
    if (!Object.hasOwn(json, member)) return undefined;
    try {
      return { [member]: read(json[member]) } as Pick<RuleSays, K>;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.add(`${at}.${member}`, error.problem, error.remedy);
      return undefined;
    }
  }

  private contradictions(
    { types, maxLife = null, defaultLife = null, withoutExpiry, gates }: PolicyRule,
    at: string,
  ): void {
    if (maxLife !== null && defaultLife !== null && defaultLife > maxLife)
      this.add(`${at}.defaultLife`, 'is longer than maxLife', 'send at most maxLife');
    if (maxLife !== null && withoutExpiry === true)
      this.add(
        `${at}.withoutExpiry`,
        'contradicts maxLife: a link without an end has no longest life',
        'leave one out',
      );
    if ((gates?.length ?? 0) > 0 && types.some((type) => instantTypes.includes(type)))
      this.add(`${at}.gates`, 'cannot be required here: an instant link cannot be gated', 'use mint');
  }

  /** A list of names, or `*` alone. */
  private scope(value: unknown, at: string): string[] {
    const names = this.names(value, at, 'send ["*"] for all');
    if (names.includes('*') && names.length > 1) this.add(at, 'holds * beside names', 'send ["*"] or the names alone');
    return names;
  }

  private names(value: unknown, at: string, otherwise: string): string[] {
    if (!Array.isArray(value) || value.length === 0) {
      this.add(at, 'is missing, empty or not a list', `send a JSON array of names; ${otherwise}`);
      return [];
    }
    if (value.length > policyBounds.entries) {
      this.add(at, `holds more than ${policyBounds.entries} names`, 'make several rules');
      return [];
    }
    const names: string[] = [];
    value.forEach((name: unknown, index) => {
      if (isName(name)) names.push(name);
      else {
        const remedy = `send a text of 1 to ${policyBounds.name} characters, well-formed and without NUL`;
        this.add(`${at}[${index}]`, 'is not a name', remedy);
      }
    });
    return names;
  }

  private gates(value: unknown, at: string): GateKind[] {
    const remedy = `send a JSON array of ${gateKinds.join(', ')}, [] for none required`;
    if (!Array.isArray(value)) throw new Fault('is not a list', remedy);
    if (value.length > gateKinds.length) throw new Fault(`holds more than ${gateKinds.length} entries`, remedy);
    const found = value.map((one: unknown) => gateKinds.find((kind) => kind === one));
    found.forEach((kind, index) => {
      if (kind === undefined) this.add(`${at}[${index}]`, 'is not a known gate', `send ${gateKinds.join(', ')}`);
    });
    return found.filter((kind) => kind !== undefined);
  }

  private refuseUnknown(json: JsonObject, known: readonly string[], at: string): void {
    for (const name of Object.keys(json)) {
      if (known.includes(name)) continue;
      // A name that may be a megabyte, or hold what a terminal obeys, is not repeated.
      if (/^[\w-]{1,64}$/.test(name)) this.add(under(at, name), 'is not known here', 'leave it out');
      else this.add(at || 'body', 'holds a member that is not known here', `keep to ${known.join(', ')}`);
    }
  }

  private add(field: string, problem: string, remedy: string): void {
    if (this.faults.length < policyBounds.faults) this.faults.push({ field, problem, remedy });
    else this.unlisted += 1;
  }
}

class Fault extends Error {
  constructor(
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(problem);
  }
}

function readBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Fault('is neither true nor false', 'send true or false, or leave it out');
}

function readSeconds(value: unknown): number | null {
  if (value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= policyBounds.seconds) return value;
  throw new Fault(
    'is not a number of seconds',
    `send a whole number from 1 to ${policyBounds.seconds} (100 years), null, or leave it out`,
  );
}

function isName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length >= 1 &&
    name.length <= policyBounds.name &&
    !name.includes('\0') &&
    name.isWellFormed()
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function under(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
