import { Injectable } from '@nestjs/common';
import { holds } from '@warden/permissions';
import type { Profile } from '../platform/config/config.js';
import { invalidInput } from '../platform/errors/domain-error.js';
import { RolesInForce } from '../roles/index.js';
import { type Access, type ExplainedRule, TokenJudge, ValidateToken, explainVerdict } from '../tokens/index.js';
import { Clock } from '../platform/time/clock.js';
import { Directory, DirectoryUnavailable } from './directory.js';
import { type Credential, Identify } from './identify.usecase.js';
import type { Identity, OwnRights } from './identity.js';
import { ProfileSettings } from './resolve-profile.usecase.js';
import { type Rights, rightsOf } from './rights.js';
import { identityUnavailable, unknownUser } from './users.errors.js';

/** Whose access is explained. */
export type Subject =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'api-key'; readonly text: string }
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'roles'; readonly roles: readonly string[] }
  | { readonly kind: 'identity'; readonly identity: Pick<Identity, 'name' | 'roles' | 'own'> }
  | { readonly kind: 'anonymous' };

export interface ExplainQuestion {
  readonly subject: Subject;
  readonly access: Access;
  /** The permission that the plugin's own table asks for this route; null: the usual one for the method. */
  readonly permission: string | null;
}

export interface Explanation {
  readonly granted: boolean;
  /** One sentence for whoever asks "why 403?". */
  readonly summary: string;
  readonly rules: readonly ExplainedRule[];
  /** Null for a share token, which has no rights but what it shares. */
  readonly rights: Rights | null;
}

/** What Orthanc's plugin asks by default for a method on a resource. */
const usualPermission = { get: 'view', post: 'modify', put: 'modify', delete: 'delete' } as const;

/**
 * Answers "why 403?": the decision that the plugin would get or make, rule by rule, by the same functions that decide. For a
 * share token this service decides; for a user the plugin does, from the profile that it gets here.
 */
@Injectable()
export class Explain {
  constructor(
    private readonly validateToken: ValidateToken,
    private readonly judge: TokenJudge,
    private readonly identify: Identify,
    private readonly directory: Directory,
    private readonly roles: RolesInForce,
    private readonly profiles: ProfileSettings,
    private readonly clock: Clock,
  ) {}

  async execute(question: ExplainQuestion): Promise<Explanation> {
    const { subject } = question;
    switch (subject.kind) {
      case 'token':
        return this.isShare(subject.text)
          ? this.explainShare(subject.text, question.access)
          : this.explainCredential({ kind: 'bearer', text: subject.text }, question);
      case 'api-key':
        return this.explainCredential(subject, question);
      case 'user':
        return this.explainUser(subject.userId, question);
      case 'roles':
        return this.explainRights({ roles: subject.roles, own: nothing }, question, 'The roles are those asked for.');
      case 'identity':
        return this.explainRights(subject.identity, question, `Recognised as ${subject.identity.name || 'a user'}.`);
      case 'anonymous':
        return this.explainAnonymous(question, [
          { rule: 'credential', outcome: 'passed', says: 'Nobody is signed in: the anonymous profile counts.' },
        ]);
    }
  }

  private isShare(text: string): boolean {
    const judged = this.judge.judge(text, this.clock.now(), null);
    // No issuer signs with a secret: what is in the form of a share is one, also when its key is gone.
    return (
      judged.ok || judged.token !== null || ['bad-signature', 'key-retired', 'not-a-share'].includes(judged.reason)
    );
  }

  private explainShare(token: string, access: Access): Explanation {
    const verdict = this.validateToken.explain({ token, access });
    const rules = explainVerdict(verdict);
    const failed = rules.find((rule) => rule.outcome === 'failed');
    const summary = verdict.granted
      ? `Granted: the share covers it. The plugin may keep this answer for ${verdict.validity} s.`
      : `Refused (${verdict.reason}): ${failed?.says ?? ''}`;
    return { granted: verdict.granted, summary, rules, rights: null };
  }

  private async explainCredential(credential: Credential, question: ExplainQuestion): Promise<Explanation> {
    const verdict = await this.identify.explain(credential);
    if (verdict.ok)
      return this.explainRights(
        verdict.identity,
        question,
        `Recognised as ${verdict.identity.name || verdict.identity.id}.`,
      );
    if (verdict.reason === 'unavailable') throw identityUnavailable();
    return this.explainAnonymous(question, [
      { rule: 'credential', outcome: 'failed', says: `Not recognised (${verdict.reason}): ${verdict.detail}.` },
    ]);
  }

  private async explainUser(userId: string, question: ExplainQuestion): Promise<Explanation> {
    if (!this.directory.configured) {
      const problem = 'cannot be looked up: KEYCLOAK_CLIENT_SECRET is not set';
      throw invalidInput([{ field: 'subject.userId', problem, remedy: 'give token or roles' }]);
    }
    try {
      const user = await this.directory.userById(userId);
      if (user === null) throw unknownUser();
      const roles = await this.directory.rolesOf(user.id);
      const explanation = this.explainRights({ roles, own: nothing }, question, `This is ${user.username}.`);
      if (user.enabled) return explanation;
      const disabled: ExplainedRule = {
        rule: 'credential',
        outcome: 'failed',
        says: 'The user is disabled in Keycloak.',
      };
      const rest = explanation.rules.slice(1);
      return { ...explanation, granted: false, summary: `Refused: ${disabled.says}`, rules: [disabled, ...rest] };
    } catch (error) {
      if (error instanceof DirectoryUnavailable) throw identityUnavailable();
      throw error;
    }
  }

  private explainAnonymous(question: ExplainQuestion, first: ExplainedRule[]): Explanation {
    const profile: Profile = this.profiles.anonymous;
    const own = { permissions: profile.permissions, labels: profile['authorized-labels'] };
    return this.judgeRights(rightsOf({ roles: [], own }, { roles: {}, availableLabels: [] }), question, first);
  }

  private explainRights(
    holder: Pick<Identity, 'roles' | 'own'>,
    question: ExplainQuestion,
    recognised: string,
  ): Explanation {
    const { document } = this.roles.require();
    const rights = rightsOf(holder, document);
    const unknown = rights.sources.filter((one) => !one.configured).map((one) => one.role);
    return this.judgeRights(rights, question, [
      { rule: 'credential', outcome: 'passed', says: recognised },
      {
        rule: 'roles',
        outcome: rights.sources.some((one) => one.configured) ? 'passed' : 'failed',
        says:
          rights.sources.length === 0
            ? 'No role at all.'
            : `Roles that give rights here: ${listOf(rights.sources.filter((one) => one.configured).map((one) => one.role ?? 'the credential itself'))}.` +
              (unknown.length === 0 ? '' : ` Not configured, so they give nothing: ${listOf(unknown)}.`),
      },
    ]);
  }

  /** As the plugin judges a profile: the permission that its table asks for, then the labels of the study. */
  private judgeRights(rights: Rights, { access, permission }: ExplainQuestion, first: ExplainedRule[]): Explanation {
    const asked = permission ?? usualPermission[access.method];
    const holding = holds(rights.permissions, asked);
    const givers = rights.sources.filter((one) => holds(one.permissions, asked)).map(nameOfSource);
    const rules: ExplainedRule[] = [
      ...first,
      {
        rule: 'permission',
        outcome: holding ? 'passed' : 'failed',
        says: holding
          ? `Holds ${asked}, from ${listOf(givers)}.`
          : `Lacks ${asked}; held are: ${listOf(rights.permissions)}. Give it to one of the roles.`,
      },
    ];
    if (access.level !== 'system') rules.push(labelRule(rights, access.labels ?? []));
    // A credential that is not recognised fails, and still the anonymous profile may allow it.
    const failed = rules.filter(
      (rule) => rule.outcome === 'failed' && rule.rule !== 'credential' && rule.rule !== 'roles',
    );
    const granted = failed.length === 0;
    const explained = rules.find((rule) => rule.outcome === 'failed');
    const summary = granted
      ? `Granted, as far as rights go: ${rules.at(-1)?.says ?? ''}`
      : `Refused: ${explained?.says ?? failed[0]?.says ?? ''}`;
    return { granted, summary, rules, rights };
  }
}

const nothing: OwnRights = { permissions: [], labels: [] };

/** `authorized-labels` with `*`: every study, labelled or not; else one label in common. */
function labelRule({ labels, sources }: Rights, found: readonly string[]): ExplainedRule {
  const common = found.filter((label) => labels.includes(label));
  const passed = labels.includes('*') || common.length > 0;
  const wanted = labels.includes('*') ? '*' : (common[0] ?? '');
  const givers = sources.filter((one) => one.labels.includes(wanted)).map(nameOfSource);
  const of = found.length === 0 ? 'The study carries no label' : `The study carries ${listOf(found)}`;
  return {
    rule: 'labels',
    outcome: passed ? 'passed' : 'failed',
    says: passed
      ? labels.includes('*')
        ? `Every study is open (label *), from ${listOf(givers)}.`
        : `The study carries ${listOf(common)}, which is open, from ${listOf(givers)}.`
      : `${of}; open are: ${listOf(labels)}. Add a label to the study, or one of its labels (or *) to a role.`,
  };
}

function nameOfSource(source: Rights['sources'][number]): string {
  return source.role ?? 'the credential itself';
}

function listOf(names: readonly (string | null)[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
