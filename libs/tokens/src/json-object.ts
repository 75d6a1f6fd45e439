/** Members of a JSON object whose types nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

// JSON is UTF-8 (RFC 8259 section 8.1). Overlong or broken sequences are refused, not replaced: two different byte
// strings must not read as the same text. A byte order mark stays, and JSON.parse then refuses it.
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads bytes as a JSON object; null for anything else. Of two members of one name the last counts, as in Python's
 * reader, so that both services see the same token. A member called `__proto__` is a member like any other.
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | null {
  try {
    const value: unknown = JSON.parse(strictUtf8.decode(bytes));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
