import { fhirText } from './fhir-text.js';

/** Of the R4 value set IssueType, what an answer of ours can mean. */
export const issueCodes = [
  'invalid',
  'value',
  'login',
  'forbidden',
  'not-supported',
  'not-found',
  'too-costly',
  'transient',
  'exception',
  'throttled',
] as const;

export type IssueCode = (typeof issueCodes)[number];

export interface FhirOperationOutcome {
  readonly resourceType: 'OperationOutcome';
  readonly issue: readonly {
    readonly severity: 'error';
    readonly code: IssueCode;
    readonly diagnostics?: string;
    readonly expression?: readonly string[];
  }[];
}

/**
 * Why a request failed.
 * @param expression which parameter it is about, as R4 has it: `http.date`.
 */
export function operationOutcome(code: IssueCode, diagnostics: string, expression?: string): FhirOperationOutcome {
  const told = fhirText(diagnostics);
  const about = fhirText(expression);
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code,
        ...(told === null ? {} : { diagnostics: told }),
        ...(about === null ? {} : { expression: [about] }),
      },
    ],
  };
}
