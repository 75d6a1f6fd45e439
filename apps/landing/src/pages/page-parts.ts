/** What differs from one answer to the next. Everything else of a page is put together once, at start. */
export const slots = ['title', 'refresh', 'problem', 'form', 'reference', 'languages'] as const;

export type Slot = (typeof slots)[number];

export type Part = string | { readonly slot: Slot };

export type Filling = Readonly<Record<Slot, string>>;

export const slot = (name: Slot): Part => ({ slot: name });

/** What stands between two slots, as it goes over the wire: encoding a page anew for each answer would cost more than all the rest of it. */
export type CompiledPart = Buffer | { readonly slot: Slot };

/** Joins what stands beside each other, so that a page is a handful of pieces. */
export function compile(parts: readonly Part[]): readonly CompiledPart[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
}

export function fill(parts: readonly CompiledPart[], filling: Filling): Buffer {
  return Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(filling[part.slot]))));
}
