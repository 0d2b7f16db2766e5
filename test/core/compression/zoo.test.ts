import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { summarize } from '../../../src/core/analysis/summary';
import { weightErrors } from '../../../src/core/compression/weight-error';
import { readModel } from '../../../src/core/formats';
import { onnxEncodings } from '../../../src/core/formats/onnx/store';
import { writeOnnx } from '../../../src/core/formats/onnx/write';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { quietContext } from '../../../src/core/progress';
import { openSession } from '../../../src/core/runtime/session';
import { hasShared, sharedPath } from '../../shared';
import { scratchFolder } from './running';
import { halveWeights, quantizeWeights } from './weight-steps';

const folder = scratchFolder();
const there = hasShared('Weight-only compression of trained networks', 'zoo') && hasShared('Their accuracy', 'data');

/** 2,000 of the 10,000 test images: enough to see a tenth of a point, in seconds. */
const IMAGES = 2000;
const BATCH = 250;
const PIXELS = 28 * 28;

const float32Networks = there
  ? readdirSync(sharedPath('zoo')).flatMap((name) => {
      if (!statSync(sharedPath('zoo', name)).isDirectory()) return [];
      return readdirSync(sharedPath('zoo', name))
        .filter((file) => file.endsWith('.onnx') && !file.includes('int8'))
        .map((file) => path.join(name, file));
    })
  : [];

type Pass = 'int8' | 'float16';

async function compressed(network: string, pass: Pass): Promise<string> {
  const before = await readModel(sharedPath('zoo', network));
  const reader = await openWeights(before);
  const tensors =
    pass === 'int8'
      ? await quantizeWeights(before, reader, { granularity: 'channel' })
      : await halveWeights(before, reader);
  const target = path.join(folder, `${path.basename(network, '.onnx')}.${pass}.onnx`);
  await writeOnnx(onnxEncodings.store(before, tensors), target, { context: quietContext(), overwrite: true });
  await reader.close();
  return target;
}

function idx(name: string, header: number): Uint8Array {
  return gunzipSync(readFileSync(sharedPath('data', 'fashion-mnist', name))).subarray(header);
}

async function correct(file: string): Promise<number> {
  const images = idx('t10k-images-idx3-ubyte.gz', 16);
  const labels = idx('t10k-labels-idx1-ubyte.gz', 8);
  const session = await openSession(file, { threads: 1 });
  let right = 0;
  for (let first = 0; first < IMAGES; first += BATCH) {
    const data = Float32Array.from(images.subarray(first * PIXELS, (first + BATCH) * PIXELS), (byte) => byte / 255);
    const answers = await session.run({ image: { dtype: 'float32', shape: [BATCH, 1, 28, 28], data } });
    const logits = Array.from(answers['logits']?.data ?? [], Number);
    for (let i = 0; i < BATCH; i++) {
      const row = logits.slice(i * 10, i * 10 + 10);
      if (row.indexOf(Math.max(...row)) === labels[first + i]) right++;
    }
  }
  await session.close();
  return right;
}

describe.skipIf(!there)('trained networks', () => {
  test.each(float32Networks)('%s: the same layers, smaller, with little noise', async (network) => {
    const before = await readModel(sharedPath('zoo', network));
    for (const pass of ['int8', 'float16'] as const) {
      const after = await readModel(await compressed(network, pass));
      const [left, right] = [summarize(before), summarize(after)];
      expect(right.layers.map((layer) => layer.name)).toEqual(left.layers.map((layer) => layer.name));
      expect(right.parameters).toBe(left.parameters);
      expect(right.macs).toBe(left.macs);
      const size = right.bytes / left.bytes;
      expect(size).toBeLessThan(pass === 'int8' ? 0.7 : 0.75);
      const errors = (await weightErrors(before, after)).flatMap(({ sqnrDb }) => (sqnrDb === null ? [] : [sqnrDb]));
      expect(errors.length).toBeGreaterThan(2);
      expect(Math.min(...errors)).toBeGreaterThan(pass === 'int8' ? 30 : 60);
    }
  });

  test.each(float32Networks)('%s: nothing is dequantized at each inference', async (network) => {
    const file = await compressed(network, 'int8');
    const optimizedPath = `${file}.optimized`;
    await (await openSession(file, { threads: 1, optimizedPath })).close();
    const operators = (await readModel(optimizedPath)).graph.nodes.map(({ opType }) => opType);
    expect(operators).not.toContain('DequantizeLinear');
  });

  // A tenth of a point of 2,000 images is two images.
  test.each([
    ['resnet14', 0.1],
    ['vgg_small', 0.3],
    ['lenet5', 0.3],
    ['mobilenet_small', 0.3],
    ['vit_tiny', 0.3],
  ])('%s keeps its accuracy: int8 per channel within %d points, float16 within 0.1', async (name, points) => {
    const network = path.join(name, `${name}.onnx`);
    const before = await correct(sharedPath('zoo', network));
    expect(before).toBeGreaterThan(0.85 * IMAGES);
    expect(before - (await correct(await compressed(network, 'int8')))).toBeLessThanOrEqual((points / 100) * IMAGES);
    expect(before - (await correct(await compressed(network, 'float16')))).toBeLessThanOrEqual(0.001 * IMAGES);
  });
});
