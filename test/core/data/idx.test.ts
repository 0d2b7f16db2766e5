import { describe, expect, it } from 'vitest';
import { openRoles } from '../../../src/core/evaluation/data';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { idx, pattern } from './files';

const image = { name: 'image', dtype: 'float32', shape: ['batch', 1, 3, 4] };

describe('a pair of IDX files', () => {
  const folder = scratchFolder();
  const base = folder.path('.');

  it.each([
    ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte', false, false],
    ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', true, true],
    ['mixed-images-idx3-ubyte.gz', 'mixed-labels-idx1-ubyte', true, false],
    ['images.idx', 'labels.idx', false, false],
  ])('%s finds %s beside it', async (images, labels, packedImages, packedLabels) => {
    folder.write(images, idx([5, 3, 4], pattern(60), packedImages));
    folder.write(labels, idx([5], Uint8Array.of(4, 3, 2, 1, 0), packedLabels));
    const roles = await openRoles({ test: images }, base, [image]);
    expect(roles.test?.labels).toEqual(Int32Array.of(4, 3, 2, 1, 0));
    expect(roles.test?.inputs).toEqual({
      image: { dtype: 'float32', shape: [1, 3, 4], picture: { channelAxis: 0, black: [0] } },
    });
    const batch = await roles.test?.batch([4]);
    expect(batch?.inputs['image']?.data).toEqual(Float32Array.from(pattern(60).subarray(48), (byte) => byte / 255));
    expect(await roles.test?.picture(0)).toEqual({ width: 4, height: 3, channels: 1, pixels: pattern(12) });
    await roles.close();
  });

  it('takes the labels that the user names', async () => {
    folder.write('a.idx', idx([2, 3, 4], pattern(24)));
    folder.write('other.idx', idx([2], Uint8Array.of(1, 0)));
    const roles = await openRoles({ test: { path: 'a.idx', labels: 'other.idx' } }, base, [image]);
    expect(roles.test?.labels).toEqual(Int32Array.of(1, 0));
    await roles.close();
  });

  it.each([
    ['the labels themselves', idx([5], pattern(5)), /IDX file of labels/],
    ['fewer values than declared', idx([5, 3, 4], pattern(59)), /declares 60 bytes of values and holds 59/],
    ['a damaged gzip', idx([5, 3, 4], pattern(60), true).subarray(0, 40), /damaged/],
    ['pictures of another size', idx([5, 4, 4], pattern(80)), /samples of \[4, 4\].*takes \[1, 3, 4\]/],
  ])('refuses %s', async (_, bytes, sentence) => {
    folder.write('bad.idx', bytes);
    const error = await errorOf(openRoles({ test: 'bad.idx' }, base, [image]));
    expect(error.message).toMatch(sentence);
    expect(isSentence(error.message)).toBe(true);
  });

  it('refuses to feed a model with two inputs', async () => {
    folder.write('two.idx', idx([2, 3, 4], pattern(24)));
    const error = await errorOf(openRoles({ test: 'two.idx' }, base, [image, { ...image, name: 'other' }]));
    expect(error.message).toMatch(/feeds one input, and the model has image, other/);
  });
});
