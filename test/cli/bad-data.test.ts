import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npy, npz, pattern, type ArrayParts } from '../core/data/files';
import { ended, filesIn, prepare, removeWorkspace, start, workspace } from './command-line';
import { expectRefusal, expectSentence, patiently } from './refusal';

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
});
afterAll(() => removeWorkspace(folder));

const SAMPLES = 40;
const images = (count = SAMPLES): ArrayParts => ({ shape: [count, 1, 28, 28], values: pattern(count * 784) });
const labels = (...values: number[]): ArrayParts => ({ shape: [values.length], values: Int32Array.from(values) });
const classes = (count = SAMPLES, of = 10): ArrayParts => labels(...Array.from({ length: count }, (_, at) => at % of));
const floats = (change: (values: Float32Array) => void): ArrayParts => {
  const values = Float32Array.from(pattern(SAMPLES * 784), (byte) => byte / 255);
  change(values);
  return { shape: [SAMPLES, 1, 28, 28], values };
};

/** Every verb that takes data, each of its roles. */
function verbs(data: string): string[][] {
  return [
    ['evaluate', 'digits.onnx', '--data', data],
    ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', data],
    ['compress', 'digits.onnx', '--to', 'int8', '--calibration', data],
  ];
}

/** One of the verbs: they read data alike, and in turn each is tried on many files. */
function inTurn(data: string, at: number): string[][] {
  const all = verbs(data);
  return [all[at % all.length] ?? []];
}

async function write(name: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), bytes);
}

async function refuse(name: string, says: RegExp, commands = verbs(name)): Promise<void> {
  for (const words of commands) await expectRefusal(folder, words, path.basename(name), says);
}

describe('arrays that do not fit', () => {
  const files: [what: string, arrays: Record<string, ArrayParts>, says: RegExp][] = [
    [
      'wrong shape',
      { image: { shape: [40, 3, 20, 20], values: pattern(48_000) } },
      /\[3, 20, 20\].*takes \[1, 28, 28\]/,
    ],
    ['wrong rank', { image: { shape: [31_360], values: pattern(31_360) } }, /samples of \[\].*takes \[1, 28, 28\]/],
    ['texts', { image: { ...images(), descr: '<U3' } }, /<U3|text/i],
    ['complex numbers', { image: { ...images(), descr: '<c16' } }, /c16|complex/i],
    ['Python objects', { image: { ...images(), descr: '|O' } }, /Python objects/],
    ['too few labels', { image: images(), labels: classes(39) }, /39 labels for 40 samples/],
    ['labels as scores', { image: images(), labels: { shape: [40, 10], values: pattern(400) } }, /shape \[40, 10\]/],
    ['a negative label', { image: images(), labels: labels(...new Array<number>(39).fill(1), -1) }, /label -1/],
    ['no samples', { image: { shape: [0, 1, 28, 28], values: new Uint8Array() } }, /no samples/],
    ['more than there is', { image: { ...images(), shape: [4_000_000_000, 1, 28, 28] } }, /declares/],
    ['other arrays', { a: images(), b: images() }, /arrays a, b; the model's inputs need image/],
    ['not a number', { image: floats((values) => (values[784 * 7 + 3] = NaN)) }, /sample 7 holds NaN/],
  ];
  it.each(files.map((file, at) => [...file, at] as const))('%s', async (what, arrays, says, at) => {
    const name = `${what}.npz`;
    await write(name, npz(arrays));
    await refuse(name, says, inTurn(name, at));
  });

  it('labels beyond the classes of the model', async () => {
    await write('eleven.npz', npz({ image: images(), labels: classes(SAMPLES, 11) }));
    await refuse('eleven.npz', /label 10.*10 classes/, verbs('eleven.npz').slice(0, 2));
  });

  it('no labels: measured without them, and said so', async () => {
    await write('plain.npz', npz({ image: images() }));
    const { code, stdout } = await patiently(folder, ['evaluate', 'digits.onnx', '--data', 'plain.npz', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ metric: null, value: null, reason: expect.stringMatching(/no labels/) });
  });
});

describe('files that are broken', () => {
  const NOT_WHOLE = /ends early.*Get (it|the file) again|is no data that Edgewise reads/;

  it.each([0, 3, 100, 5000, -30, -1])('an archive cut at byte %d', async (length) => {
    const whole = await readFile(path.join(folder, 'data/test.npz'));
    await write('cut.npz', whole.subarray(0, length));
    await refuse('cut.npz', NOT_WHOLE, inTurn('cut.npz', Math.abs(length)));
  });

  it.each<[string, Uint8Array | string]>([
    ['random.npz', pattern(5000, 31)],
    ['zeros.npz', new Uint8Array(5000)],
    ['page.npz', '<!DOCTYPE html><html></html>'],
    ['pointer.npz', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n'],
    ['short.npy', npy(images()).subarray(0, 60)],
  ])('%s', async (name, bytes) => {
    await write(name, bytes);
    await refuse(name, NOT_WHOLE, inTurn(name, name.length));
  });

  it('a few kilobytes that unpack to gigabytes', async () => {
    await write('bomb.npz', zipOf('image.npy', npy({ shape: [1, 1, 28, 28], values: pattern(784) }), 3 * 2 ** 30));
    await refuse('bomb.npz', /is damaged.*Get it again/);
    // Honest about its size, and still too much to unpack.
    const zeros = new Uint8Array(300 * 2 ** 20);
    await write(
      'dense.npz',
      zipOf('image.npy', Buffer.concat([npy({ shape: [3e8], values: zeros.subarray(0, 0) }), zeros])),
    );
    await refuse('dense.npz', /declares 300000000 bytes of values and holds 314572800/, verbs('dense.npz').slice(0, 1));
  });

  it('missing, a folder without pictures, a model', async () => {
    await mkdir(path.join(folder, 'nothing'));
    await refuse('none.npz', /There is no file/);
    await refuse('nothing', /holds no PNG or JPEG images\. Put/);
    await refuse('digits.onnx', /no data that Edgewise reads/);
  });

  it('taken away while the model is measured on it', async () => {
    // Not compressed, so that it is read piece by piece.
    await write('leaving.npz', npz({ image: images(4000) }));
    const before = await filesIn(folder);
    const child = start(folder, ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', 'leaving.npz']);
    child.stderr?.once('data', () => void write('leaving.npz', 'gone'));
    expectSentence(await ended(child), 'leaving.npz', /changed/);
    expect(await filesIn(folder)).toEqual(before);
  });
});

describe('folders of pictures', () => {
  const png = (): Uint8Array => encode({ width: 28, height: 28, channels: 1, data: pattern(784) });

  async function pictures(name: string, of: number): Promise<void> {
    for (let index = 0; index < of; index++) {
      const folderName = `class ${String(index).padStart(2, '0')}`;
      await write(`${name}/${folderName}/a.png`, png());
      await write(`${name}/${folderName}/b.png`, png());
    }
  }

  it('a picture that is none, or that is cut off: the picture is named', async () => {
    await pictures('broken', 10);
    await write('broken/class 03/notes.png', 'These are notes.');
    for (const words of verbs('broken')) await expectRefusal(folder, words, 'notes.png', /neither a PNG nor a JPEG/);
    await rm(path.join(folder, 'broken/class 03/notes.png'));
    await write('broken/class 03/cut.png', png().subarray(0, 100));
    for (const words of verbs('broken'))
      await expectRefusal(folder, words, 'cut.png', /cannot be decoded: it is cut off or damaged/);
  });

  it('an empty class', async () => {
    await pictures('hollow', 9);
    await mkdir(path.join(folder, 'hollow/class 09'));
    for (const words of verbs('hollow'))
      await expectRefusal(folder, words, 'class 09', /holds no PNG or JPEG images\. Put/);
  });

  it('more classes than the model has outputs', async () => {
    await pictures('many', 11);
    for (const words of verbs('many').slice(0, 2)) await expectRefusal(folder, words, 'many', /classes/);
  });

  it('pictures of another size than the model takes are resized', async () => {
    await write('large/a/1.png', encode({ width: 40, height: 30, channels: 3, data: pattern(3600) }));
    await write('large/b/1.png', encode({ width: 30, height: 40, channels: 3, data: pattern(3600) }));
    const { code, stdout } = await patiently(folder, ['evaluate', 'digits.onnx', '--data', 'large', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ metric: 'accuracy', samples: 2 });
  });
});

/** An archive of one deflated entry that may lie about its size. */
function zipOf(name: string, content: Uint8Array, declared = content.length): Uint8Array {
  const packed = deflateRawSync(content);
  const title = Buffer.from(name);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(declared, 18);
  fields.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, title, packed]);
  const rest = Buffer.alloc(14);
  const central = Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), fields, rest, title]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\u0005\u0006'), end]);
}
