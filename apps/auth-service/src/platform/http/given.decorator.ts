import { ValidateIf } from 'class-validator';

/** What was left out is not looked at; a null is. */
export function UnlessLeftOut(): PropertyDecorator {
  return ValidateIf((_body: unknown, value: unknown) => value !== undefined);
}

/** What was left out, or is null, is not looked at. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_body: unknown, value: unknown) => value !== undefined && value !== null);
}
