import type { ChainEnd } from '../sealing/chains.store.js';

/** How far the chains had come. */
export interface Checkpoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly chains: readonly ChainEnd[];
  /** Id of the key that signs it. */
  readonly key: string;
  readonly origin: string;
}

/** All that is needed to check it, but for knowing whose key it is. */
export interface SignedCheckpoint {
  readonly checkpoint: string;
  /** Base64url. */
  readonly signature: string;
  /** 32 bytes, base64url. */
  readonly publicKey: string;
}

/** In the order of RFC 8785, the chains by class and month. */
export function checkpointText({ at, chains, key, origin }: Checkpoint): string {
  const sorted = chains
    .map(({ class: name, head, month, size }) => ({ class: name, head, month, size }))
    .sort((a, b) => (`${a.class} ${a.month}` < `${b.class} ${b.month}` ? -1 : 1));
  return JSON.stringify({ at, chains: sorted, key, origin, version: 1 });
}

/** What `checkpointText` wrote. */
export function readCheckpoint(text: string): Checkpoint {
  return JSON.parse(text) as Checkpoint;
}

/** A line of JSON, as it leaves this host. */
export function signedLine({ checkpoint, signature, publicKey }: SignedCheckpoint): string {
  return JSON.stringify({ checkpoint, signature, publicKey });
}

/**
 * The chains of the newest month and the one before it. A chain begins from the end of the one before it, so that these
 * vouch for all that came earlier, and a checkpoint does not grow with the years.
 */
export function newestChains(ends: readonly ChainEnd[]): ChainEnd[] {
  const months = [...new Set(ends.map(({ month }) => month))].sort().slice(-2);
  return ends.filter(({ month }) => months.includes(month));
}
