import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Which machine made a file: another one's process ids mean nothing here, and folders are shared over networks. */
const MACHINE = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);

const TEMPORARY_NAME = /^\.edgewise-([0-9a-f]{8})-(\d+)-/;

/** How names of unfinished files and folders begin: hidden, and with their process, so that leftovers are told. */
export function temporaryPrefix(): string {
  return `.edgewise-${MACHINE}-${process.pid}-`;
}

/** Removes what processes of this machine left unfinished in a folder when they were ended. */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const match = TEMPORARY_NAME.exec(name);
    if (match === null || match[1] !== MACHINE || isAlive(Number(match[2]))) continue;
    await rm(path.join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process exists, but may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
