import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkSpace, freeName, writeNewFile } from '../../../src/core/formats/atomic-file';
import { FileSink } from '../../../src/core/formats/byte-sink';
import { writingError } from '../../../src/core/formats/file-errors';
import { errorOf, isSentence, scratchFolder } from './scratch';

const scratch = scratchFolder();

function folder(name: string): string {
  mkdirSync(scratch.path(name));
  return scratch.path(name);
}

const text = (value: string): Uint8Array => Buffer.from(value);

describe('writeNewFile', () => {
  it('writes a file whole, in pieces of any size', async () => {
    const file = path.join(folder('pieces'), 'model ü.onnx');
    const pieces = [1, 4_000_000, 0, 500_000, 9_000_000, 3].map((size, i) => new Uint8Array(size).fill(i));
    await writeNewFile(file, {}, async (sink) => {
      for (const piece of pieces) {
        const reused = piece.slice();
        await sink.write(reused);
        reused.fill(99);
      }
    });
    expect(Buffer.compare(readFileSync(file), Buffer.concat(pieces))).toBe(0);
    expect(readdirSync(path.dirname(file))).toEqual(['model ü.onnx']);
  });

  it('has no file under the final name before it is complete', async () => {
    const file = path.join(folder('late'), 'report.json');
    await writeNewFile(file, {}, async (sink) => {
      await sink.write(text('almost '));
      expect(existsSync(file)).toBe(false);
    });
    expect(readFileSync(file, 'utf8')).toBe('almost ');
  });

  it('leaves nothing behind when writing fails', async () => {
    const file = path.join(folder('failing'), 'model.onnx');
    const failure = writeNewFile(file, {}, async (sink) => {
      await sink.write(text('half'));
      throw new Error('the pass failed');
    });
    await expect(failure).rejects.toThrow('the pass failed');
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  it('does not replace a file that appears while it writes', async () => {
    const file = path.join(folder('race'), 'model.onnx');
    const error = await errorOf(
      writeNewFile(file, {}, async (sink) => {
        await sink.write(text('mine'));
        scratch.write('race/model.onnx', 'theirs');
      }),
    );
    expect(error.kind).toBe('exists');
    expect(readFileSync(file, 'utf8')).toBe('theirs');
    expect(readdirSync(path.dirname(file))).toEqual(['model.onnx']);
  });

  it('replaces only what it is told to', async () => {
    const file = path.join(folder('taken'), 'model.onnx');
    scratch.write('taken/model.onnx', 'old');
    const error = await errorOf(writeNewFile(file, {}, (sink) => sink.write(text('new'))));
    expect(error.message).toBe('"model.onnx" is already there. Choose another name.');
    await writeNewFile(file, { overwrite: true }, (sink) => sink.write(text('new')));
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('answers folders that are missing, are files, or take no files', async () => {
    scratch.write('plain file', 'x');
    const places: [string, string][] = [
      [scratch.path('missing/model.onnx'), 'not-found'],
      [scratch.path('plain file/model.onnx'), 'not-found'],
    ];
    // The kernel's own folder takes no files, not even root's.
    if (existsSync('/sys/kernel')) places.push(['/sys/kernel/model.onnx', 'permission']);
    for (const [file, kind] of places) {
      const error = await errorOf(writeNewFile(file, {}, (sink) => sink.write(text('x'))));
      expect([file, error.kind, isSentence(error.message)]).toEqual([file, kind, true]);
    }
  });

  it.each(['EACCES', 'EPERM', 'EROFS'])('names a read-only folder (%s)', (code) => {
    const error = writingError('/models/net.onnx', Object.assign(new Error('no'), { code }));
    expect(error.kind).toBe('permission');
    expect(error.message).toContain('the folder "models" is read-only');
  });
});

describe('space', () => {
  it('is checked before anything is written', async () => {
    const file = path.join(folder('full'), 'model.onnx');
    const error = await errorOf(checkSpace(file, 2_000_000, () => Promise.resolve(1_500_000)));
    expect(error.kind).toBe('no-space');
    expect(error.message).toContain('needs 2.0 MB, and the disk has 1.5 MB left');
    const small = await errorOf(checkSpace(file, 9_500, () => Promise.resolve(0)));
    expect(small.message).toContain('needs 10 KB, and the disk has 0 KB left');
    await checkSpace(file, 2_000_000, () => Promise.resolve(2_000_000));
    await checkSpace(file, 2_000_000, () => Promise.resolve(null));
  });

  it('stops a file larger than any disk', async () => {
    const file = path.join(folder('enormous'), 'model.onnx');
    const work = writeNewFile(file, { byteLength: 2 ** 60 }, () => Promise.reject(new Error('was started')));
    expect((await errorOf(work)).kind).toBe('no-space');
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/full'))('that runs out while writing is told in a sentence', async () => {
    const handle = await open('/dev/full', 'w');
    const sink = new FileSink(handle, '/models/net.onnx');
    await sink.write(text('x'));
    const error = await errorOf(sink.finish());
    expect(error.kind).toBe('no-space');
    expect(isSentence(error.message)).toBe(true);
    await handle.close();
  });
});

describe('a process that is killed while it writes', () => {
  const script = scratch.path('writer.cjs');

  beforeAll(async () => {
    await build({
      stdin: {
        contents: `
          import { writeNewFile } from './src/core/formats/atomic-file';
          void writeNewFile(process.argv[2] ?? '', {}, async (sink) => {
            for (;;) {
              await sink.write(new Uint8Array(5_000_000));
              process.send?.('writing');
            }
          });`,
        loader: 'ts',
        resolveDir: path.join(__dirname, '../../..'),
      },
      bundle: true,
      platform: 'node',
      outfile: script,
    });
  });

  it('leaves no file under the final name, and the next write clears what it left', async () => {
    const place = folder('killed');
    const file = path.join(place, 'model.onnx');
    const child = fork(script, [file]);
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const left = readdirSync(place);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^\.edgewise-.*\.tmp$/);
    await writeNewFile(file, {}, (sink) => sink.write(text('whole')));
    expect(readdirSync(place)).toEqual(['model.onnx']);
  });

  it('is left alone while it lives', async () => {
    const place = folder('alive');
    const child = fork(script, [path.join(place, 'slow.onnx')]);
    await once(child, 'message');
    await writeNewFile(path.join(place, 'quick.onnx'), {}, (sink) => sink.write(text('whole')));
    expect(readdirSync(place)).toHaveLength(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
});

describe('freeName', () => {
  it('numbers a name that is taken, before its ending', async () => {
    folder('names');
    const name = (file: string): string => scratch.path(`names/${file}`);
    expect(await freeName(name('digits.int8.onnx'))).toBe(name('digits.int8.onnx'));
    scratch.write('names/digits.int8.onnx', '');
    expect(await freeName(name('digits.int8.onnx'))).toBe(name('digits.int8-2.onnx'));
    scratch.write('names/digits.int8-2.onnx', '');
    expect(await freeName(name('digits.int8.onnx'))).toBe(name('digits.int8-3.onnx'));
  });

  it('keeps endings of two parts together', async () => {
    folder('endings');
    scratch.write('endings/digits.int8.edgewise.json', '');
    expect(await freeName(scratch.path('endings/digits.int8.edgewise.json'))).toBe(
      scratch.path('endings/digits.int8-2.edgewise.json'),
    );
  });
});
