import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRoles } from '../../../src/core/evaluation/data';
import type { LabelledBox } from '../../../src/core/evaluation/data/data-set';
import { imageSize } from '../../../src/core/evaluation/data/image-size';
import { meanAveragePrecision } from '../../../src/core/evaluation/metrics/average-precision';
import type { DataSource } from '../../../src/core/recipe/recipe.schema';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { withSet } from './opened';

const fixtures = path.resolve(__dirname, '../../fixtures/data');
const folder = scratchFolder();
const input = { name: 'pixels', dtype: 'float32', shape: ['batch', 3, 8, 8] };

/** What make_objects.py wrote, as shares of each picture. */
const EXPECTED: LabelledBox[][] = [
  [
    { label: 1, left: 0.25, top: 0.25, right: 0.75, bottom: 0.75, crowd: false },
    { label: 0, left: 0, top: 0, right: 0.25, bottom: 1, crowd: true },
  ],
  [],
  [{ label: 1, left: 0, top: 0, right: 1, bottom: 0.5, crowd: false }],
];

describe('boxes in a Parquet file of Hugging Face', () => {
  it('may be lists in a mapping, with names of classes beside them', async () => {
    await withSet(fixtures, 'objects-lists.parquet', [input], (set) => {
      expect(set).toMatchObject({ length: 3, labels: null, classNames: ['cat', 'dog'] });
      expect(set.boxes).toEqual(EXPECTED);
    });
  });

  it('may be mappings in a list, their classes texts, sizes of pictures in columns', async () => {
    await withSet(fixtures, 'objects-mappings.parquet', [input], (set) => {
      expect(set.classNames).toEqual(['cat', 'dog']);
      expect(set.boxes).toEqual(EXPECTED.map((boxes) => boxes.map((box) => ({ ...box, crowd: false }))));
    });
  });

  it('go into the letterbox with their pictures', async () => {
    const check = (boxes: readonly (readonly LabelledBox[])[] | undefined): void => {
      expect(boxes?.[0]?.[0]).toEqual({ label: 1, left: 0.25, top: 0.375, right: 0.75, bottom: 0.625, crowd: false });
      expect(boxes?.[2]).toEqual(EXPECTED[2]);
    };
    await withSet(fixtures, 'objects-lists.parquet', [input], ({ boxes }) => check(boxes), {
      input: { crop: 'letterbox' },
    });
  });

  it('are the classes of the model by name, where its metadata list them', async () => {
    const names = new Map([['names', "{0: 'dog', 1: 'owl', 2: 'cat'}"]]);
    const test: DataSource = 'objects-lists.parquet';
    const roles = await openRoles({ test }, fixtures, [input], { metadata: names });
    expect(roles.test?.classNames).toEqual(['dog', 'owl', 'cat']);
    expect(roles.test?.boxes?.map((boxes) => boxes.map(({ label }) => label))).toEqual([[0, 2], [], [0]]);
    await roles.close();
  });

  it('are judged as the same boxes in COCO’s JSON are', async () => {
    const found = [[{ label: 1, score: 0.9, left: 0.25, top: 0.3, right: 0.75, bottom: 0.8 }], [], []];
    const precision = (boxes: readonly (readonly LabelledBox[])[]): number | null =>
      meanAveragePrecision(boxes.map((one, place) => ({ boxes: one, found: found[place] ?? [] })));
    await withSet(fixtures, 'objects-lists.parquet', [input], (set) => {
      // pycocotools 2.0.11, COCOeval.stats[0] of these three pictures
      expect(precision(set.boxes ?? [])).toBeCloseTo(0.35346534653465334, 9);
      expect(precision(set.boxes ?? [])).toBe(precision(EXPECTED));
    });
  });

  it.each([
    [[{ bbox: [1, 2, 3], category: 0 }], /Column objects of "rows\.jsonl" holds no boxes with classes in row 0/],
    [[{ bbox: [1, 2, 3, 'x'], category: 0 }], /in row 0: four numbers/],
    [[{ bbox: [1, 2, 3, 4], category: -1 }], /in row 0/],
    [{ bbox: [[0, 0, 1, 1]], category: [0, 1] }, /in row 0/],
    [[{ bbox: [0, 0, 1, 1], category: 0 }, 7], /in row 0/],
  ])('that are none end in one sentence: %j', async (objects, expected) => {
    const lines = [{ image: 'a.png', width: 8, height: 8, objects }];
    folder.write('rows.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    folder.write('a.png', readFileSync(path.join(fixtures, 'framing/center-shrunk.png')));
    const { message } = await errorOf(withSet(folder.path('.'), 'rows.jsonl', [input], () => null));
    expect(message).toMatch(expected);
    expect(isSentence(message)).toBe(true);
  });
});

describe('the size of a picture', () => {
  it('is in its header', () => {
    expect(imageSize(readFileSync(path.join(fixtures, 'framing/center-tall.png')))).toEqual({ width: 15, height: 14 });
    // SOI, an APP0 of 4 bytes, SOF2: 8 bits, height 5, width 9
    const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc2, 0, 17, 8, 0, 5, 0, 9, 3);
    expect(imageSize(jpeg)).toEqual({ width: 9, height: 5 });
  });

  it('is nothing where there is none', () => {
    expect(imageSize(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0))).toBeNull();
    expect(imageSize(Uint8Array.of(0xff, 0xd8))).toBeNull();
    expect(imageSize(new Uint8Array(40))).toBeNull();
  });
});
