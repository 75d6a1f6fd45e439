import { type FieldFault, invalidInput, unreadableBody } from '../platform/errors/domain-error.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The body as an object; the plugin always sends one. */
export function objectBody(body: unknown): JsonObject {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw unreadableBody('is not a JSON object');
  return body as JsonObject;
}

/** Reads members of a body by hand and gathers all faults. Unknown members are ignored: newer plugins add some. */
export class WireReader {
  readonly faults: FieldFault[] = [];

  fault(field: string, problem: string, remedy: string): void {
    this.faults.push({ field, problem, remedy });
  }

  /** A text, or null when absent or null. */
  text(object: JsonObject, field: string, at = field): string | null {
    const value = object[field];
    if (value === undefined || value === null) return null;
    if (typeof value === 'string') return value;
    this.fault(at, 'is not a text', 'send a JSON string or null');
    return null;
  }

  choice<T extends string>(object: JsonObject, field: string, choices: readonly T[], at = field): T | null {
    const value = object[field];
    if (value === undefined || value === null) return null;
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) this.fault(at, 'is not a known value', `send one of ${choices.join(', ')}`);
    return chosen ?? null;
  }

  /** Throws `invalid-input` with every fault found so far, if there is one. */
  settle(): void {
    if (this.faults.length > 0) throw invalidInput(this.faults);
  }
}
