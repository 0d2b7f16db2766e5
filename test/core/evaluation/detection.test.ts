import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import type { LabelledBox } from '../../../src/core/evaluation/data/data-set';
import { meanAveragePrecision } from '../../../src/core/evaluation/metrics/average-precision';
import { detectionReader, type Detection } from '../../../src/core/evaluation/metrics/detections';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { initializer, ints, model, node, value } from '../compression/models';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { measured, withTest } from './judging';

const folder = scratchFolder();
const base = folder.path('.');

/** Numbers from 0 to 1 that Python makes alike. */
const random = (index: number): number => {
  const value = Math.sin(index * 12.9898) * 43758.5453;
  return value - Math.floor(value);
};

interface ScenePicture {
  boxes: LabelledBox[];
  found: Detection[];
}

/** Six pictures with four boxes each, one of them of a crowd, and two detections near each. */
function scene(): ScenePicture[] {
  let boxCount = 0;
  let foundCount = 0;
  return Array.from({ length: 6 }, () => {
    const picture: ScenePicture = { boxes: [], found: [] };
    for (let box = 0; box < 4; box++) {
      const k = ++boxCount;
      const [x, y] = [60 * random(k), 60 * random(k + 1000)];
      const [w, h] = [10 + 25 * random(k + 2000), 10 + 25 * random(k + 3000)];
      const label = Math.floor(3 * random(k + 4000));
      picture.boxes.push({ label, left: x, top: y, right: x + w, bottom: y + h, crowd: k === 7 });
      for (let near = 0; near < 2; near++) {
        const n = ++foundCount;
        const shift = (q: number): number => (random(n * 7 + q) - 0.5) * 12 * (near + 0.3);
        const [left, top] = [x + shift(1), y + shift(2)];
        picture.found.push({
          label: random(n + 9000) > 0.2 ? label : (label + 1) % 3,
          score: random(n + 5000),
          left,
          top,
          right: left + w + shift(3) * 0.5,
          bottom: top + h + shift(4) * 0.5,
        });
      }
    }
    return picture;
  });
}

describe('average precision', () => {
  it('is what COCO’s own evaluation finds', () => {
    // pycocotools 2.0.11: COCOeval.stats[0] and [1] of the same boxes
    expect(meanAveragePrecision(scene())).toBeCloseTo(0.3608009097613058, 9);
    expect(meanAveragePrecision(scene(), [0.5])).toBeCloseTo(0.5598464242028598, 9);
  });

  it('is nothing without boxes, and nought where nothing is found', () => {
    expect(meanAveragePrecision([{ boxes: [], found: [] }])).toBeNull();
    expect(meanAveragePrecision(scene().map(({ boxes }) => ({ boxes, found: [] })))).toBe(0);
  });
});

describe('what a model found', () => {
  const size = { width: 100, height: 50 };

  it('is read from rows of six', () => {
    const read = detectionReader([2, 6], 3, size);
    const values = Float64Array.of(10, 5, 20, 25, 0.9, 2, 0, 0, 0, 0, 0, 0);
    expect(read?.({ shape: [2, 6], size: 12, values }, 0)).toEqual([
      { left: 0.1, top: 0.1, right: 0.2, bottom: 0.5, score: 0.9, label: 2 },
    ]);
  });

  it('is read from YOLO’s columns, the best of each heap', () => {
    // Columns: two that overlap, one of another class, one below the threshold.
    const rows = [
      [50, 51, 50, 5],
      [25, 25, 25, 5],
      [20, 20, 20, 5],
      [10, 10, 10, 5],
      [0.9, 0.8, 0.1, 0],
      [0.1, 0, 0.7, 0.0005],
    ];
    const read = detectionReader([6, 4], 2, size);
    const found = read?.({ shape: [6, 4], size: 24, values: Float64Array.from(rows.flat()) }, 0);
    expect(found?.map(({ label, score }) => [label, score])).toEqual([
      [0, 0.9],
      [1, 0.7],
    ]);
    expect(found?.[0]).toMatchObject({ left: 0.4, right: 0.6, top: 0.4, bottom: 0.6 });
  });

  it('is not read from outputs of other shapes', () => {
    expect(detectionReader([10], 3, size)).toBeNull();
    expect(detectionReader([10, 5], 3, size)).toBeNull();
  });
});

describe('COCO’s JSON', () => {
  const png = encode({ width: 8, height: 4, channels: 1, data: new Uint8Array(32).fill(255) });
  folder.write('a.png', png);
  const coco = {
    images: [{ id: 7, file_name: 'a.png', width: 8, height: 4 }],
    annotations: [{ image_id: 7, category_id: 20, bbox: [2, 1, 4, 2], iscrowd: 0 }],
    categories: [
      { id: 20, name: 'dog' },
      { id: 3, name: 'cat' },
    ],
  };

  /** Finds a dog at the same place on every picture of 8 x 8. */
  async function finder(): Promise<string> {
    const found = initializer('found', [1, 1, 6], Float32Array.of(2, 2, 6, 6, 0.8, 1));
    const zero = initializer('zero', [], Float32Array.of(0));
    const bytes = await encodeOnnx(
      model({
        nodes: [
          node('ReduceMean', ['x'], ['mean'], { axes: ints(1, 2, 3), keepdims: { kind: 'int', value: 0 } }),
          node('Mul', ['mean', 'zero'], ['nothing']),
          node('Reshape', ['nothing', 'shape'], ['column']),
          node('Add', ['column', 'found'], ['y']),
        ],
        weights: [found, zero, initializer('shape', [3], BigInt64Array.of(-1n, 1n, 1n), 'int64')],
        inputs: [value('x', ['batch', 1, 8, 8])],
        outputs: [value('y', ['batch', 1, 6])],
      }),
    );
    return folder.write('finder.onnx', bytes);
  }

  it('holds boxes for a detector, in whatever size the pictures are', async () => {
    folder.write('boxes.json', JSON.stringify(coco));
    const file = await finder();
    await withTest('boxes.json', base, file, async (test) => {
      expect(test).toMatchObject({ length: 1, labels: null, classNames: ['cat', 'dog'] });
      const { measurement } = await measured(file, test);
      expect(measurement).toMatchObject({ metric: 'average-precision', samples: 1 });
      expect(measurement.value).toBeCloseTo(1, 12);
      expect(measurement.metrics?.find(({ name }) => name === 'mAP 50')?.value).toBeCloseTo(1, 12);
    });
  });

  it.each([
    ['{', /is not COCO's JSON of images, annotations with a bbox, and categories/],
    [JSON.stringify({ ...coco, annotations: [{ image_id: 7 }] }), /is not COCO's JSON/],
    [
      JSON.stringify({ ...coco, annotations: [{ image_id: 8, category_id: 3, bbox: [0, 0, 1, 1] }] }),
      /has a box of image 8 and category 3, which it does not list\.$/,
    ],
    [
      JSON.stringify({ ...coco, images: [{ id: 7, file_name: 'lost.png', width: 8, height: 4 }] }),
      /The images of "bad\.json" were not found: "lost\.png" is neither beside it nor/,
    ],
    [JSON.stringify({ ...coco, images: [], annotations: [] }), /holds no samples|were not found/],
  ])('%.40s is refused in one sentence', async (text, expected) => {
    folder.write('bad.json', text);
    const file = await finder();
    const { message } = await errorOf(withTest('bad.json', base, file, async () => null));
    expect(message).toMatch(expected);
    expect(isSentence(message)).toBe(true);
  });
});
