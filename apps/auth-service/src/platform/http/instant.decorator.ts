import { parseInstant } from '@warden/tokens';
import { ValidateBy } from 'class-validator';

/** A moment that names its zone (RFC 3339). */
export function Instant(): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && parseInstant(value) !== null,
    defaultMessage: () => 'is not a date and time with a zone',
  };
  const remedy = 'send RFC 3339 such as 2026-12-01T00:00:00Z; in an address the + of a zone is written %2B';
  return ValidateBy({ name: 'instant', validator }, { context: { remedy } });
}
