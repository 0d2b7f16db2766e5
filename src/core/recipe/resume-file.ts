import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** What was stopped longer ago than this is begun anew. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Where a system keeps what programs can do without. */
function cacheFolder(): string {
  const base =
    process.platform === 'win32'
      ? process.env.LOCALAPPDATA
      : process.platform === 'darwin'
        ? path.join(homedir(), 'Library', 'Caches')
        : process.env.XDG_CACHE_HOME;
  return path.join(base === undefined || base === '' ? path.join(homedir(), '.cache') : base, 'edgewise');
}

/**
 * A file of the user's own in which long work keeps how far it is, so that it goes on when it was stopped: the same path
 * for the same source and purpose. Undefined where there is no place for one: the work is then done without.
 * @param sourceHash of the model
 */
export async function resumeFile(sourceHash: string, purpose: string): Promise<string | undefined> {
  const folder = cacheFolder();
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await removeOld(folder);
    return path.join(folder, `${sourceHash.slice(0, 32)}.${purpose}`);
  } catch {
    return undefined;
  }
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > KEPT_MS) await rm(file, { force: true });
  }
}
