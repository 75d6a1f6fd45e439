import { isPlainPath } from './address.js';
import { administratorsOnly } from './routes.js';

const lastSteps = administratorsOnly.map((path) => path.slice(path.lastIndexOf('/') + 1));

/** Times that a server and those in front of it might decode a path. */
const decodings = 4;

/**
 * Whether a path is, or might be taken for, one that is for administrators alone. A path with one reading is compared; of
 * any other all readings are looked at, and one that cannot be read is taken for the worst.
 */
export function mayReachAdministration(path: string): boolean {
  if (isPlainPath(path)) {
    const bare = path.endsWith('/') ? path.slice(0, -1) : path;
    return administratorsOnly.some((one) => one === bare);
  }
  let text = path.toLowerCase();
  for (let round = 0; round < decodings; round++) {
    if (lastSteps.some((step) => text.includes(step))) return true;
    if (!text.includes('%')) return false;
    try {
      text = decodeURIComponent(text).toLowerCase();
    } catch {
      return true;
    }
  }
  return true;
}
