import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resumeFile } from '../../../src/core/recipe/resume-file';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'edgewise-cache-'));
  for (const name of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

describe('a file to go on from', () => {
  it('is the same for the same model and purpose, and lies in the user’s own cache', async () => {
    const file = await resumeFile('a'.repeat(64), 'search.json');
    expect(file).toBe(await resumeFile('a'.repeat(64), 'search.json'));
    expect(file).not.toBe(await resumeFile('b'.repeat(64), 'search.json'));
    expect(file).not.toBe(await resumeFile('a'.repeat(64), 'calibration'));
    expect(file?.startsWith(cache)).toBe(true);
  });

  it('is forgotten after a week', async () => {
    const file = (await resumeFile('a'.repeat(64), 'search.json')) ?? '';
    await writeFile(file, '{}');
    await resumeFile('b'.repeat(64), 'search.json');
    expect(existsSync(file)).toBe(true);
    const old = Date.now() / 1000 - 8 * 24 * 60 * 60;
    await utimes(file, old, old);
    await resumeFile('b'.repeat(64), 'search.json');
    expect(existsSync(file)).toBe(false);
  });

  it('is none where there is no place for it: the work is done without', async () => {
    const taken = path.join(cache, 'taken');
    await writeFile(taken, '');
    for (const name of ['XDG_CACHE_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, taken);
    expect(await resumeFile('a'.repeat(64), 'search.json')).toBeUndefined();
  });
});
