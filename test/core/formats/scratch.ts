import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { EdgewiseError } from '../../../src/core/errors';

/** A folder of this test file's own, removed when its tests are over. Its name has a space and Unicode on purpose. */
export function scratchFolder(): {
  path(name: string): string;
  write(name: string, bytes: Uint8Array | string): string;
} {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'edgewise tëst 模型 '));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const within = (name: string): string => path.join(folder, name);
  return {
    path: within,
    write(name, bytes) {
      writeFileSync(within(name), bytes);
      return within(name);
    },
  };
}

/** The error that work ends with; fails when it ends well, or with an error that no sentence was written for. */
export async function errorOf(work: Promise<unknown>): Promise<EdgewiseError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof EdgewiseError)) throw new Error(`Expected an EdgewiseError, got ${String(outcome)}.`);
  return outcome;
}

/** One sentence or a few, for a user: capital or quoted name first, a full stop last, no shouting, no stack. */
export function isSentence(text: string): boolean {
  return /^["A-Z].*\.$/s.test(text) && !text.includes('!') && !text.includes('    at ') && text.length < 500;
}

/** Numbers that look random and are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
