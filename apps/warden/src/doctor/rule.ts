import type { Page } from './pages.js';
import type { Subject } from './subject.js';

export const severities = ['error', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

/** What is asked of a set-up, and why. The same sentence of why and of remedy stands in docs/hardening.md. */
export interface Rule {
  /** Stable: scripts and people quote it. */
  readonly id: string;
  readonly severity: Severity;
  /** What is asked, in one sentence. */
  readonly title: string;
  readonly why: string;
  readonly remedy: string;
  readonly source: Page;
  /** Recommendations that this rule covers, by their number in the table of docs/hardening.md. */
  readonly covers?: readonly number[];
  /** What is wrong, one text each; it names the file and the option and never the value of a secret. */
  check(subject: Subject): readonly string[];
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly what: string;
  readonly why: string;
  readonly source: Page;
  readonly remedy: string;
}

/** The gravest first; within that, in the order of the rules. */
export function examine(subject: Subject, rules: readonly Rule[]): Finding[] {
  const findings = rules.flatMap((rule) =>
    rule.check(subject).map((what) => ({
      rule: rule.id,
      severity: rule.severity,
      what,
      why: rule.why,
      source: rule.source,
      remedy: rule.remedy,
    })),
  );
  return severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}
