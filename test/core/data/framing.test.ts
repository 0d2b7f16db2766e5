import { encode } from 'fast-png';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LabelledBox, Picture } from '../../../src/core/evaluation/data/data-set';
import { framed, framedBoxes, framingOf } from '../../../src/core/evaluation/data/framing';
import { decodeImage } from '../../../src/core/evaluation/data/image-decoding';
import type { InputSection } from '../../../src/core/recipe/recipe.schema';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { npz } from './files';
import { valuesAt, withSet } from './opened';

const folder = scratchFolder();

/** The same picture as `drawn` in frame_pictures.py. */
function drawn(width: number, height: number): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const green = (Math.floor(x / 5) + Math.floor(y / 4)) % 2 === 0 ? 220 : 30;
      pixels.set([(x * 7 + y * 3) % 256, green, (x * y) % 256], (y * width + x) * 3);
    }
  }
  return { width, height, channels: 3, pixels };
}

describe('a picture comes to the size of the model', () => {
  it.each<[string, [number, number], { width: number; height: number }, InputSection]>([
    ['center-shrunk', [40, 30], { width: 16, height: 16 }, { crop: 'center', shorterSide: 20 }],
    ['center-tall', [23, 61], { width: 15, height: 14 }, { crop: 'center', shorterSide: 17 }],
    ['center-padded', [40, 30], { width: 12, height: 16 }, { crop: 'center', shorterSide: 10 }],
    ['letterbox-wide', [40, 30], { width: 24, height: 24 }, { crop: 'letterbox' }],
    ['letterbox-tall', [23, 61], { width: 33, height: 20 }, { crop: 'letterbox' }],
  ])('as torchvision and Ultralytics bring it: %s', async (name, [width, height], size, section) => {
    const file = path.resolve(__dirname, `../../fixtures/data/framing/${name}.png`);
    const expected = await decodeImage(file, name, 3);
    const made = framed(drawn(width, height), size, framingOf(section));
    expect(made).toMatchObject(size);
    expect(expected).toMatchObject(size);
    const furthest = made.pixels.reduce((most, value, at) => {
      return Math.max(most, Math.abs(value - (expected.pixels[at] ?? NaN)));
    }, 0);
    expect(furthest).toBeLessThanOrEqual(1);
  });

  it('is padded with a colour, in the order of channels that the model takes', async () => {
    folder.write('red.png', encode({ width: 4, height: 2, channels: 3, data: new Uint8Array(24).fill(9) }));
    const input = { name: 'x', dtype: 'float32', shape: ['batch', 3, 4, 4] };
    const section: InputSection = { crop: 'letterbox', pad: [1, 2, 3], scale: 1, channels: 'bgr' };
    const first = async (declared: InputSection): Promise<number[]> =>
      withSet(folder.path('.'), '.', [input], (set) => valuesAt(set, 'x', [0]), { input: declared });
    const values = await first(section);
    expect([values[0], values[16], values[32], values[4]]).toEqual([3, 2, 1, 9]);
    expect((await first({ ...section, pad: 7 }))[0]).toBe(7);
    expect((await first({ crop: 'letterbox', scale: 1 }))[0]).toBe(114);
  });

  it('is cut from arrays of bytes, too', async () => {
    const values = drawn(8, 4).pixels;
    folder.write('one.npz', npz({ x: { shape: [1, 4, 8, 3], values } }));
    const input = { name: 'x', dtype: 'float32', shape: ['batch', 4, 4, 3] };
    const section: InputSection = { size: [4, 4], crop: 'center', scale: 1 };
    const cut = await withSet(folder.path('.'), 'one.npz', [input], (set) => valuesAt(set, 'x', [0]), {
      input: section,
    });
    // The middle four of eight columns.
    expect(cut.slice(0, 12)).toEqual([...values.subarray(6, 18)]);
  });

  it.each<[InputSection, RegExp]>([
    [{ shorterSide: 256 }, /has data\.input\.shorterSide, which goes with data\.input\.crop: center\./],
    [{ crop: 'letterbox', shorterSide: 256 }, /Add that, or leave shorterSide out\.$/],
    [{ pad: 0 }, /has data\.input\.pad, which goes with data\.input\.crop: letterbox\./],
  ])('not where fields say nothing together: %j', async (section, expected) => {
    const { message } = await errorOf(Promise.resolve().then(() => framingOf(section)));
    expect(message).toMatch(expected);
    expect(isSentence(message)).toBe(true);
  });

  it('not where it is so long that its shorter side would make gigabytes of it', async () => {
    const thread: Picture = { width: 9000, height: 1, channels: 1, pixels: new Uint8Array(9000) };
    const framing = framingOf({ crop: 'center', shorterSide: 256 });
    const error = await errorOf(Promise.resolve().then(() => framed(thread, { width: 224, height: 224 }, framing)));
    expect(error.message).toMatch(/^A picture is so long and narrow that .* 2304000 x 256 pixels\./);
  });
});

describe('boxes go with their picture', () => {
  const size = { width: 100, height: 100 };
  const box = (left: number, top: number, right: number, bottom: number): LabelledBox => ({
    ...{ label: 0, crowd: false },
    ...{ left, top, right, bottom },
  });
  const moved = (section: InputSection, boxes: LabelledBox[]): number[][] =>
    framedBoxes(boxes, { width: 200, height: 100 }, size, framingOf(section)).map((one) =>
      [one.left, one.top, one.right, one.bottom].map((share) => Math.round(share * 1000) / 1000),
    );

  it('into a letterbox', () => {
    expect(moved({ crop: 'letterbox' }, [box(0, 0, 1, 1)])).toEqual([[0, 0.25, 1, 0.75]]);
  });

  it('and are cut, or gone, with it', () => {
    expect(moved({ crop: 'center' }, [box(0, 0, 0.5, 1), box(0, 0, 0.2, 1), box(0.3, 0.1, 0.7, 0.2)])).toEqual([
      [0, 0, 0.5, 1],
      [0.1, 0.1, 0.9, 0.2],
    ]);
  });

  it('and stay where a picture only changes its shape', () => {
    expect(moved({}, [box(0.1, 0.2, 0.3, 0.4)])).toEqual([[0.1, 0.2, 0.3, 0.4]]);
  });
});
