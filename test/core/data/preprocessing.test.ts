import { encode } from 'fast-png';
import { copyFileSync, mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPreprocessing } from '../../../src/core/evaluation/data/find-preprocessing';
import { statedPreprocessing } from '../../../src/core/evaluation/data/preprocessing/stated';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { quietContext } from '../../../src/core/progress';
import { evaluateModel } from '../../../src/core/recipe/evaluate';
import { initializer, int, model, node, value } from '../compression/models';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { hasShared, sharedPath } from '../../shared';
import { npz } from './files';

const folder = scratchFolder();
const base = folder.path('.');

/** Brightness of each class, for a network that takes values from -1 to 1. */
const CENTRES = [-0.8, -0.2, 0.8];

/** Tells three brightnesses of 2 x 2 pixels apart: the class whose centre is nearest. */
async function brightness(file: string, classes = 3): Promise<string> {
  const centres = Array.from({ length: classes }, (_, index) => CENTRES[index + CENTRES.length - classes] ?? 9);
  const slopes = Float32Array.from({ length: 4 * classes }, (_, at) => (2 * 20 * (centres[at % classes] ?? 0)) / 4);
  const offsets = Float32Array.from(centres, (centre) => -20 * centre * centre);
  const bytes = await encodeOnnx(
    model({
      nodes: [node('Flatten', ['x'], ['flat'], { axis: int(1) }), node('Gemm', ['flat', 'w', 'b'], ['y'])],
      weights: [initializer('w', [4, classes], slopes), initializer('b', [classes], offsets)],
      inputs: [value('x', ['batch', 1, 2, 2])],
      outputs: [value('y', ['batch', classes])],
    }),
  );
  return folder.write(file, bytes);
}

/** 60 pictures, 20 of each class; bytes. */
function pictures(name: string, label: ((one: number) => number) | null): string {
  const values = new Uint8Array(60 * 4);
  for (let index = 0; index < 60; index++) {
    const pixel = Math.round((((CENTRES[index % 3] ?? 0) + 1) / 2) * 255);
    values.fill(pixel + (index % 5) - 2, index * 4, index * 4 + 4);
  }
  const x = { shape: [60, 1, 2, 2], values };
  const labels = { shape: [60], values: Int32Array.from({ length: 60 }, (_, index) => label?.(index % 3) ?? 0) };
  folder.write(name, npz(label === null ? { x } : { x, labels }));
  return name;
}

describe('preprocessing', () => {
  it('is found by accuracy on a few labelled samples', async () => {
    const file = await brightness('brightness.onnx');
    const data = { test: pictures('labelled.npz', (one) => one) };
    const { ranked, stated } = await findPreprocessing(file, data, base, quietContext());
    expect(stated).toBeNull();
    expect(ranked[0]).toMatchObject({
      title: 'values from -1 to 1',
      flags: '--scale 2/255 --mean 1',
      data: { test: 'labelled.npz', input: { scale: 2 / 255, mean: 1 } },
      accuracy: 1,
      samples: 60,
    });
    expect(ranked[1]?.accuracy).toBeLessThan(1);
  });

  it('is found without labels by what answers tell, not by how sure they are', async () => {
    const file = await brightness('brightness.onnx');
    const data = { test: pictures('unlabelled.npz', null) };
    const { ranked } = await findPreprocessing(file, data, base, quietContext());
    expect(ranked[0]).toMatchObject({ title: 'values from -1 to 1', accuracy: null });
    const bytes = ranked.find(({ title }) => title === 'bytes as they are');
    expect(bytes?.confidence).toBeGreaterThan(ranked[0]?.confidence ?? 1);
    expect(bytes?.information).toBeLessThan(0.1);
  });

  it('has labels shifted where the model counts a class of background first', async () => {
    const file = await brightness('background.onnx');
    const data = { test: pictures('shifted.npz', (one) => (one === 0 ? 5 : one - 1)) };
    const { ranked } = await findPreprocessing(file, data, base, quietContext());
    expect(ranked[0]).toMatchObject({
      title: 'values from -1 to 1',
      flags: '--scale 2/255 --mean 1 --label-offset 1',
      data: { labelOffset: 1 },
      // The darkest are of no class of the model's.
      accuracy: 2 / 3,
    });
    const declared = await findPreprocessing(file, ranked[0]?.data ?? {}, base, quietContext());
    expect(declared.ranked[0]).toMatchObject({ flags: '--scale 2/255 --mean 1', accuracy: 2 / 3 });
  });

  it('has classes ordered by their numbers where folders order them by their signs', async () => {
    // Folders 1, 10 and 9 are classes 0, 1 and 2 by sign; the model was trained on 1, 9, 10.
    const classes = ['1', '9', '10'];
    for (const [label, name] of classes.entries()) {
      for (let copy = 0; copy < 20; copy++) {
        const pixel = Math.round((((CENTRES[label] ?? 0) + 1) / 2) * 255) + (copy % 5) - 2;
        const png = encode({ width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(pixel) });
        mkdirSync(folder.path(`numbered/${name}`), { recursive: true });
        folder.write(`numbered/${name}/${copy}.png`, png);
      }
    }
    const file = await brightness('brightness.onnx');
    const { ranked } = await findPreprocessing(file, { test: 'numbered' }, base, quietContext());
    expect(ranked[0]).toMatchObject({
      title: 'values from -1 to 1',
      data: { test: 'numbered', labels: classes },
      flags: '--scale 2/255 --mean 1 --classes 1,9,10',
      accuracy: 1,
    });
    const { value: accuracy } = await evaluateModel({ model: file, data: ranked[0]?.data ?? {}, base }, quietContext());
    expect(accuracy).toBe(1);
  });

  it('is tried with the middle of pictures, and with a letterbox, where they have another shape', async () => {
    // The middle tells the class; what else a stretched picture adds makes the brightest ones darker.
    const byte = (value: number): number => Math.round(((value + 1) / 2) * 255);
    for (const [label, centre] of CENTRES.entries()) {
      mkdirSync(folder.path(`wide/${label}`), { recursive: true });
      const data = Uint8Array.from({ length: 48 }, (_, at) => byte(at % 12 >= 3 && at % 12 < 9 ? centre : -0.5));
      const png = encode({ width: 12, height: 4, channels: 1, data });
      for (let copy = 0; copy < (label === 1 ? 40 : 20); copy++) folder.write(`wide/${label}/${copy}.png`, png);
    }
    const file = await brightness('brightness.onnx');
    const { ranked } = await findPreprocessing(file, { test: 'wide' }, base, quietContext());
    expect(ranked[0]).toMatchObject({ title: 'values from -1 to 1, the middle of each', accuracy: 1 });
    expect(ranked.map(({ title }) => title)).toContain('values from -1 to 1, letterbox');
    expect(ranked[0]?.data.input).toMatchObject({ crop: 'center', shorterSide: 2, scale: 2 / 255 });
  });

  it('is told by evaluating where a model only guesses, with the options to give', async () => {
    const file = await brightness('brightness.onnx');
    const data = { test: pictures('labelled.npz', (one) => one), input: { scale: 1 } };
    const { reason, value: accuracy } = await evaluateModel({ model: file, data, base }, quietContext());
    expect(accuracy).toBeLessThan(0.5);
    expect(reason).toMatch(/no better than guessing among 3 classes/);
    expect(reason).toMatch(
      / Tried: values from -1 to 1 \(--scale 2\/255 --mean 1\) is right on 100 % of 60 samples\.$/,
    );
  });

  it('is not looked for in models that do not sort pictures', async () => {
    const bytes = await encodeOnnx(
      model({
        nodes: [node('Identity', ['x'], ['y'])],
        weights: [],
        inputs: [value('x', ['batch', 4])],
        outputs: [value('y', ['batch', 4])],
      }),
    );
    const file = folder.write('vector.onnx', bytes);
    const error = await errorOf(findPreprocessing(file, { test: 'labelled.npz' }, base, quietContext()));
    expect(error.message).toMatch(/^"vector\.onnx" does not sort pictures into classes/);
    expect(isSentence(error.message)).toBe(true);
  });
});

describe('preprocessing that a model states', () => {
  it('is read as ONNX’s own metadata for pictures', () => {
    const metadata = new Map([
      ['Image.BitmapPixelFormat', 'Bgr8'],
      ['Image.NominalPixelRange', 'Normalized_1_1'],
    ]);
    expect(statedPreprocessing(metadata)).toEqual({
      input: { channels: 'bgr', scale: 2 / 255, mean: 1 },
      labels: null,
    });
  });

  it('is read as Ultralytics writes it', () => {
    const metadata = new Map([
      ['imgsz', '[480, 640]'],
      ['task', 'detect'],
      ['names', `{0: 'person', 1: "child's bike", 2: 'd\\'or'}`],
    ]);
    expect(statedPreprocessing(metadata)).toEqual({
      input: { size: [480, 640], scale: 1 / 255, crop: 'letterbox' },
      labels: ['person', "child's bike", "d'or"],
    });
  });

  it('is nothing where metadata are of other things', () => {
    expect(
      statedPreprocessing(
        new Map([
          ['names', '{1: "a"}'],
          ['author', 'x'],
        ]),
      ),
    ).toBeNull();
  });
});

describe.skipIf(!hasShared('Preprocessing of the zoo', 'zoo'))('the zoo', () => {
  const images = 't10k-images-idx3-ubyte.gz';
  const fashion = sharedPath('data', 'fashion-mnist');
  const file = sharedPath('zoo', 'mobilenet_small', 'mobilenet_small.onnx');

  it('takes pixels from 0 to 1, as labels show and as answers alone do', async () => {
    const labelled = await findPreprocessing(file, { all: images }, fashion, quietContext());
    expect(labelled.ranked[0]).toMatchObject({ title: 'values from 0 to 1', flags: '--scale 1/255' });
    copyFileSync(`${fashion}/${images}`, folder.path(images));
    const alone = await findPreprocessing(file, { all: images }, base, quietContext());
    expect(alone.ranked[0]).toMatchObject({ title: 'values from 0 to 1', accuracy: null });
  });
});
