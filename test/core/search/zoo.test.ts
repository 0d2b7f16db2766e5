import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { quietContext } from '../../../src/core/progress';
import { compressModel } from '../../../src/core/recipe/run';
import { scratchFolder } from '../formats/scratch';
import { hasShared, sharedPath } from '../../shared';

const ready = hasShared('Search on the zoo', 'zoo') && hasShared('Search on the zoo', 'data', 'fashion-mnist');
const scratch = scratchFolder();
const LIMIT_MS = 1_200_000;

/** Times smaller that each network gets within half a point, without training. */
const NETWORKS = [
  ['lenet5', 8],
  ['vgg_small', 12],
] as const;

describe.skipIf(!ready)('half a point may be lost', () => {
  it.each(NETWORKS)(
    '%s becomes a file at least %d times smaller that meets it on images that nothing was chosen on',
    async (name, ratio) => {
      const images = sharedPath('data', 'fashion-mnist', 't10k-images-idx3-ubyte.gz');
      const { report } = await compressModel(
        {
          model: sharedPath('zoo', name, `${name}.onnx`),
          recipe: { version: 1, steps: [], data: { all: images }, target: { maxDrop: 0.5 } },
          base: path.dirname(images),
          output: scratch.path(`${name}.onnx`),
        },
        quietContext(),
      );
      expect(report.target).toMatchObject({ met: true });
      expect(report.before.bytes / report.after.bytes).toBeGreaterThan(ratio);
    },
    LIMIT_MS,
  );
});
