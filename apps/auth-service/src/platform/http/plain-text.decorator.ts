import { ValidateBy } from 'class-validator';

/** A text that PostgreSQL keeps as it is: well-formed Unicode without NUL, of `shortest` to `longest` characters. */
export function PlainText(shortest: number, longest: number): PropertyDecorator {
  const remedy = `send a text of ${shortest} to ${longest} characters`;
  const isPlain = (value: unknown): boolean =>
    typeof value === 'string' &&
    value.length >= shortest &&
    value.length <= longest &&
    !value.includes('\0') &&
    value.isWellFormed();
  const validator = {
    validate: isPlain,
    defaultMessage: () => 'is missing, not a text, of the wrong length, or holds what no text may hold',
  };
  return ValidateBy({ name: 'plainText', validator }, { context: { remedy } });
}
