import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processExists } from './embedded-lock.js';
import { ifPresent } from './embedded-tools.js';

/** What a server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly sharedMemoryId: string | undefined;
  readonly ready: boolean;
}

/** Undefined when there is no such file or it is still being written. */
export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await ifPresent(readFile(join(cluster, 'postmaster.pid'), 'utf8'));
  const [pid, , , port, , , memory, status] = (text ?? '').split('\n').map((line) => line.trim());
  if (!Number(pid)) return undefined;
  return {
    pid: Number(pid),
    port: Number(port),
    sharedMemoryId: memory?.split(/\s+/)[1],
    ready: status === 'ready',
  };
}

/**
 * Whether the pid in the file is still this cluster's server. pg_ctl only asks whether some process has that pid, which after
 * a restart of the machine or container may be any process of the same user, and for a zombie says yes.
 */
export function isServerOf(cluster: string, pid: number): boolean {
  if (!processExists(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster);
  } catch {
    return processExists(pid); // /proc may be mounted so that it shows only one's own processes
  }
}

/** Whether server processes outlive their killed postmaster: to start a second server beside them destroys data. */
export function hasOrphanedBackends({ sharedMemoryId }: Postmaster): boolean {
  if (process.platform !== 'linux' || !sharedMemoryId) return false;
  try {
    const rows = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').slice(1);
    const fields = rows.map((row) => row.trim().split(/\s+/)).find(([, id]) => id === sharedMemoryId);
    return fields !== undefined && Number(fields[6]) > 0; // nattch: processes that have it attached
  } catch {
    return false;
  }
}
