import type { IssueCode } from '@warden/events';

/** One thing wrong with a request. Never holds the value itself. */
export interface FhirFault {
  readonly code: IssueCode;
  /** As the caller spells it. */
  readonly parameter: string;
  /** And what to send instead. */
  readonly problem: string;
}

/** A request of the FHIR API that is refused, with all that is wrong with it. */
export class FhirRefusal extends Error {
  constructor(
    readonly status: 400 | 406,
    readonly faults: readonly FhirFault[],
  ) {
    super(faults.map(({ parameter, problem }) => `${parameter}: ${problem}`).join('; '));
    this.name = 'FhirRefusal';
  }
}
