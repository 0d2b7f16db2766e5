import { encode as encodePng, type BitDepth } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRoles, type Roles } from '../../../src/core/evaluation/data';
import type { DataSection } from '../../../src/core/recipe/recipe.schema';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { pattern } from './files';

const gray = { name: 'image', dtype: 'float32', shape: ['batch', 1, 2, 2] };
const colour = { name: 'image', dtype: 'float32', shape: ['batch', 3, 2, 2] };
const channelsLast = { name: 'image', dtype: 'float32', shape: ['batch', 2, 2, 3] };
const raw: DataSection = { input: { scale: 1 } };

const scratch = scratchFolder();
let folders = 0;

/** A new folder with these files. */
function images(files: Record<string, Uint8Array>): string {
  const name = `photos ${++folders}`;
  for (const [file, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(scratch.path(`${name}/${file}`)), { recursive: true });
    scratch.write(`${name}/${file}`, bytes);
  }
  return name;
}

function png(
  width: number,
  height: number,
  channels: number,
  data: Uint8Array | Uint16Array,
  depth: BitDepth = 8,
): Uint8Array {
  return encodePng({ width, height, channels, data, depth });
}

const solid = (value: number): Uint8Array => png(2, 2, 1, new Uint8Array(4).fill(value));

function open(name: string, input: typeof gray, data: DataSection = raw): Promise<Roles> {
  return openRoles({ ...data, test: name }, scratch.path('.'), [input]);
}

async function first(roles: Roles): Promise<number[]> {
  const batch = await roles.test?.batch([0]);
  await roles.close();
  return Array.from(batch?.inputs['image']?.data ?? [], Number);
}

describe('a folder of images by class', () => {
  it('numbers classes by their names in order, and decodes what a batch asks for', async () => {
    const name = images({
      'dog/1.png': solid(9),
      'cat/b.PNG': solid(2),
      'cat/a.png': solid(1),
      '.hidden/x.png': solid(0),
    });
    const roles = await open(name, gray);
    expect(roles.test?.classNames).toEqual(['cat', 'dog']);
    expect(roles.test?.labels).toEqual(Int32Array.of(0, 0, 1));
    const batch = await roles.test?.batch([2, 1, 0]);
    expect(batch?.inputs['image']?.shape).toEqual([3, 1, 2, 2]);
    expect(Array.from(batch?.inputs['image']?.data ?? [], Number)).toEqual([9, 9, 9, 9, 2, 2, 2, 2, 1, 1, 1, 1]);
    await roles.close();
  });

  it('takes the order of classes from the recipe', async () => {
    const roles = await open(images({ 'a/1.png': solid(1), 'b/1.png': solid(2) }), gray, { labels: ['b', 'c', 'a'] });
    expect(roles.test?.labels).toEqual(Int32Array.of(2, 0));
    expect(roles.test?.classNames).toEqual(['b', 'c', 'a']);
    await roles.close();
  });

  it('gives RGB channels first or last as the model takes them, or BGR', async () => {
    const name = images({ 'a/1.png': png(2, 2, 3, pattern(12, 1)) });
    expect(await first(await open(name, colour))).toEqual([0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
    expect(await first(await open(name, channelsLast))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const bgr = await open(name, channelsLast, { input: { scale: 1, channels: 'bgr' } });
    expect(await first(bgr)).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]);
  });

  it('makes gray of colour as Pillow does, and colour of gray', async () => {
    const name = images({ 'a/1.png': png(2, 2, 3, Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30)) });
    expect(await first(await open(name, gray))).toEqual([76, 150, 29, 18]);
    expect(await first(await open(images({ 'a/1.png': solid(7) }), colour))).toEqual(
      Array.from({ length: 12 }, () => 7),
    );
  });

  it('reads JPEG, also under a wrong extension', async () => {
    const data = new Uint8Array(8 * 8 * 4).fill(128);
    const roles = await open(images({ 'a/1.png': encodeJpeg({ width: 8, height: 8, data }, 90).data }), gray);
    for (const value of await first(roles)) expect(Math.abs(value - 128)).toBeLessThanOrEqual(1);
  });

  it.each<[string, Uint8Array, number[]]>([
    ['16 bits', png(2, 2, 1, Uint16Array.of(0x1234, 0xff00, 0, 0x8000), 16), [0x12, 0xff, 0, 0x80]],
    ['gray with alpha', png(2, 2, 2, Uint8Array.of(1, 255, 2, 0, 3, 128, 4, 9)), [1, 2, 3, 4]],
    ['RGB with alpha', png(2, 2, 4, Uint8Array.of(5, 5, 5, 0, 6, 6, 6, 1, 7, 7, 7, 2, 8, 8, 8, 255)), [5, 6, 7, 8]],
    ['1 bit', png(2, 2, 1, Uint8Array.of(0b10000000, 0b01000000), 1), [255, 0, 0, 255]],
  ])('reads PNG of %s', async (_, bytes, expected) => {
    expect(await first(await open(images({ 'a/1.png': bytes }), gray))).toEqual(expected);
  });

  it('resizes as training scripts do (antialiased bilinear; values from PyTorch)', async () => {
    const name = images({
      'a/1.png': png(
        4,
        4,
        1,
        Uint8Array.from({ length: 16 }, (_, index) => index * 16),
      ),
    });
    expect(await first(await open(name, gray))).toEqual([57, 83, 157, 183]);
    const wide = { ...gray, shape: ['batch', 1, 3, 6] };
    expect(await first(await open(name, wide))).toEqual([
      19, 27, 38, 48, 59, 67, 96, 104, 115, 125, 136, 144, 173, 181, 192, 202, 213, 221,
    ]);
  });

  it('without folders, gives images without labels', async () => {
    const roles = await open(images({ '1.png': solid(3), '2.png': solid(4) }), gray);
    expect(roles.test?.labels).toBeNull();
    expect(roles.notes.join()).toMatch(/has no folders by class, so its 2 images have no labels/);
    await roles.close();
  });

  it.each<[string, Record<string, Uint8Array>, RegExp, DataSection?]>([
    [
      'a class without images',
      { 'a/1.png': solid(1), 'b/notes.txt': pattern(3) },
      /folder "photos \d+\/b" holds no PNG/,
    ],
    [
      'a folder of other data',
      { 't10k-images-idx3-ubyte.gz': pattern(3) },
      /Name the file inside it: ".*idx3-ubyte\.gz"/,
    ],
    [
      'an unknown class',
      { 'a/1.png': solid(1) },
      /folder "a", which is not one of the classes b, c/,
      { labels: ['b', 'c'] },
    ],
  ])('refuses %s', async (_, files, sentence, data) => {
    const error = await errorOf(open(images(files), gray, data));
    expect(error.message).toMatch(sentence);
    expect(isSentence(error.message)).toBe(true);
  });

  it.each<[string, Uint8Array]>([
    ['text', Buffer.from('not an image at all')],
    ['a cut PNG', png(2, 2, 3, pattern(12)).subarray(0, 50)],
    ['a PNG of a terapixel', terapixel()],
    ['a cut JPEG', encodeJpeg({ width: 8, height: 8, data: new Uint8Array(256) }, 90).data.subarray(0, 200)],
  ])('names the image that cannot be read: %s', async (_, bytes) => {
    const roles = await open(images({ 'a/1.png': solid(1), 'a/2.png': bytes }), gray);
    const error = await errorOf(roles.test?.batch([0, 1]) ?? Promise.resolve());
    expect(error.kind).toBe('bad-data');
    expect(error.message).toMatch(/^"photos \d+\/a\/2\.png" /);
    expect(isSentence(error.message)).toBe(true);
    await roles.close();
  });

  it('asks for what neither model nor recipe says', async () => {
    const any = { name: 'image', dtype: 'float32', shape: ['batch', 3, 'height', 'width'] };
    const name = images({ 'a/1.png': solid(1) });
    const error = await errorOf(open(name, any));
    expect(error.message).toMatch(/takes \[3, any, any\].*data\.input\.size/);
    const roles = await open(name, any, { input: { size: [3, 5] } });
    expect(roles.test?.inputs['image']?.shape).toEqual([3, 3, 5]);
    await roles.close();
  });
});

/** A PNG whose header declares 1,000,000 by 1,000,000 pixels. */
function terapixel(): Uint8Array {
  const bytes = Buffer.from(solid(1));
  bytes.writeUInt32BE(1e6, 16);
  bytes.writeUInt32BE(1e6, 20);
  return bytes;
}
