import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePlain, floatTensor, linearModel, TYPE, tensorType } from '../core/formats/onnx/plain-onnx';
import { ended, filesIn, prepare, removeWorkspace, start } from './command-line';
import { expectRefusal, expectSentence, patiently } from './refusal';

/** A matrix of `size` by `size`; its input leaves its width open, so that there is no speed to measure: runs are short. */
function matrix(size: number): Uint8Array {
  return encodePlain(
    linearModel(
      {},
      {
        node: [{ opType: 'MatMul', input: ['x', 'weight'], output: ['y'] }],
        initializer: [floatTensor('weight', size, size)],
        input: [{ name: 'x', type: tensorType(TYPE.float, 'batch', 'width') }],
        output: [{ name: 'y', type: tensorType(TYPE.float, 'batch', 'width') }],
      },
    ),
  );
}

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await mkdtemp(path.join(tmpdir(), 'edgewise places ñ-'));
  await writeFile(path.join(folder, 'net.onnx'), matrix(256));
});
afterAll(() => removeWorkspace(folder));

const WEIGHTS = ['compress', 'net.onnx', '--to', 'int8-weights'];
const HALVES = ['compress', 'net.onnx', '--to', 'float16'];

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** Mounts a small file system in memory; false where that is not allowed. */
function mounted(place: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function unmount(place: string): void {
  execFileSync('umount', ['-l', place], { stdio: 'ignore' });
}

describe('no space left', () => {
  const PAGE = 4096;
  const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE);
  let small: string;
  beforeAll(async () => {
    small = path.join(folder, 'small disk');
    await mkdir(small);
  });

  /** Runs `work` on a disk that holds the model and has `left` bytes for more; skips, plainly, where none can be made. */
  async function onDisk(left: number, work: () => Promise<void>): Promise<void> {
    const { size } = await stat(path.join(folder, 'net.onnx'));
    if (!mounted(small, `size=${(pagesOf(size) + pagesOf(left)) * PAGE}`)) {
      console.log('Skipped: a small disk can only be made by root, where mounting is allowed.');
      return;
    }
    try {
      await copyFile(path.join(folder, 'net.onnx'), path.join(small, 'net.onnx'));
      await work();
      expect(await filesIn(small)).toEqual(['net.onnx']);
    } finally {
      unmount(small);
    }
  }

  it('is found before the work starts', async () => {
    await onDisk(20_000, async () => {
      const run = await patiently(small, WEIGHTS);
      expectSentence(run, '"net.int8-weights.onnx"', /needs \d+ KB, and the disk has \d+ KB left\. Free some space/);
      // Nothing was read whole, or run, before.
      expect(run.stderr).not.toMatch(/^(Reading|Measuring)/m);
    });
  });

  it('is found once the size is known, and for the report as well: the model does not appear without it', async () => {
    await patiently(folder, HALVES);
    const { size } = await stat(path.join(folder, 'net.float16.onnx'));
    await onDisk(size - PAGE, async () => {
      expectSentence(await patiently(small, HALVES), '"net.float16.onnx"', /Free some space/);
    });
    await onDisk(size, async () => {
      expectSentence(await patiently(small, HALVES), '"net.float16.edgewise.json"', /Free some space/);
    });
  });

  it.skipIf(!existsSync('/dev/full'))('is told where the answer goes to a full disk', async () => {
    const full = openSync('/dev/full', 'w');
    const bundle = path.resolve(__dirname, '../../out/cli.js');
    const child = spawn(process.execPath, [bundle, 'inspect', 'net.onnx'], {
      cwd: folder,
      stdio: ['ignore', full, 'pipe'],
    });
    const run = await ended(child);
    closeSync(full);
    expectSentence(run, 'Standard output', /no space left\. Send it elsewhere/);
  });
});

describe('a folder that takes no files', () => {
  it('is named, and another one can be chosen', async () => {
    const place = path.join(folder, 'read only');
    await mkdir(place);
    const isRoot = process.getuid?.() === 0;
    const isMounted = isRoot && mounted(place, 'size=1m');
    if (isRoot && !isMounted) {
      console.log('Skipped: root may write anywhere, and nothing can be mounted here.');
      return;
    }
    await copyFile(path.join(folder, 'net.onnx'), path.join(place, 'net.onnx'));
    if (isMounted) execFileSync('mount', ['-o', 'remount,ro', place]);
    else await chmod(place, 0o555);
    try {
      const output = path.join('read only', 'x.onnx');
      await expectRefusal(place, WEIGHTS, '"net.int8-weights.onnx"', /read-only\. Write to another folder/);
      await expectRefusal(folder, [...WEIGHTS, '--output', output], '"x.onnx"', /"read only" is read-only/);
      const { code } = await patiently(place, [...HALVES, '--output', path.join(folder, 'elsewhere.onnx')]);
      expect(code).toBe(0);
    } finally {
      if (isMounted) unmount(place);
      else await chmod(place, 0o755);
    }
  });

  it('is not there, is a file, or has a folder of that name', async () => {
    await expectRefusal(folder, [...WEIGHTS, '--output', 'no/x.onnx'], '"x.onnx"', /there is no folder "no"/);
    await expectRefusal(folder, [...WEIGHTS, '--output', 'net.onnx/x.onnx'], '"x.onnx"', /no folder "net\.onnx"/);
    await mkdir(path.join(folder, 'taken.onnx'));
    await expectRefusal(folder, [...WEIGHTS, '--output', 'taken.onnx'], '"taken.onnx"', /is a folder/);
  });
});

describe('killed at any moment', () => {
  const KILLS = 10;

  it('nothing is lost, nothing is half there, and the next run cleans up', async () => {
    const place = await mkdtemp(path.join(folder, 'killed '));
    await writeFile(path.join(place, 'net.onnx'), matrix(2048));
    const original = await sha256(path.join(place, 'net.onnx'));
    const begin = performance.now();
    expect((await patiently(place, WEIGHTS)).code).toBe(0);
    const whole = performance.now() - begin;
    const expected = await sha256(path.join(place, 'net.int8-weights.onnx'));
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start(place, WEIGHTS);
      // Over the whole run, the end included: that is when files get their names.
      void pause((whole * (kill + Math.random())) / KILLS).then(() => child.kill('SIGKILL'));
      await ended(child);
    }
    expect((await patiently(place, WEIGHTS)).code).toBe(0);
    expect(await sha256(path.join(place, 'net.onnx'))).toBe(original);
    const files = await filesIn(place);
    expect(files.filter((name) => name.startsWith('.'))).toEqual([]);
    const models = files.filter((name) => name.endsWith('.onnx') && name !== 'net.onnx');
    for (const name of models) expect([name, await sha256(path.join(place, name))]).toEqual([name, expected]);
    expect(models.length).toBeGreaterThan(1);
  });

  it('replacing a file: it is the old one or the new one', async () => {
    const place = await mkdtemp(path.join(folder, 'replaced '));
    await writeFile(path.join(place, 'net.onnx'), matrix(1024));
    const output = path.join(place, 'small.onnx');
    const results: string[] = [];
    for (const target of ['int8-weights', 'float16']) {
      await patiently(place, ['compress', 'net.onnx', '--to', target, '--output', 'small.onnx', '--overwrite']);
      results.push(await sha256(output));
    }
    for (let kill = 0; kill < KILLS / 2; kill++) {
      const child = start(place, [...WEIGHTS, '--output', 'small.onnx', '--overwrite']);
      child.stderr?.once('data', () => void pause(40 * kill).then(() => child.kill('SIGKILL')));
      await ended(child);
      expect(results).toContain(await sha256(output));
    }
  });

  it('a hidden file that is not ours is never cleaned away', async () => {
    await writeFile(path.join(folder, '.edgewise-notes'), 'mine');
    await patiently(folder, [...HALVES, '--overwrite']);
    expect(await readFile(path.join(folder, '.edgewise-notes'), 'utf8')).toBe('mine');
  });
});
