import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { weightErrors } from '../../../src/core/compression/weight-error';
import { activationRanges } from '../../../src/core/evaluation/report/activation-ranges';
import { weightDistributions } from '../../../src/core/evaluation/report/distributions';
import { reportJson } from '../../../src/core/evaluation/report/write';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model, Weight } from '../../../src/core/model/model';
import { hasShared, sharedPath } from '../../shared';
import { initializer, model, node, value } from '../compression/models';
import { errorOf, scratchFolder, seeded } from '../formats/scratch';
import { exampleReport } from './report-example';

const folder = scratchFolder();

/** Two products of matrices, `first` and `second`. */
async function products(name: string, first: Float32Array, second: Float32Array): Promise<Model> {
  const bytes = await encodeOnnx(
    model({
      nodes: [node('MatMul', ['x', 'first'], ['h']), node('MatMul', ['h', 'second'], ['y'])],
      weights: [initializer('first', [16, 16], first), initializer('second', [16, 16], second)],
      inputs: [value('x', [1, 16])],
      outputs: [value('y', [1, 16])],
    }),
  );
  return readModel(folder.write(name, bytes));
}

const random = seeded(2);
const weights = (): Float32Array => Float32Array.from({ length: 256 }, () => random() * 2 - 1);
const rounded = (values: Float32Array, steps: number): Float32Array =>
  values.map((one) => Math.round(one * steps) / steps);

describe('distributions of weights', () => {
  it('count both weights of a layer in the same bins, the most changed layer first', async () => {
    const [first, second] = [weights(), weights()];
    const before = await products('before.onnx', first, second);
    const after = await products('after.onnx', rounded(first, 16), rounded(second, 2));
    const found = await weightDistributions(before, after, await weightErrors(before, after));
    expect(found.map(({ layer }) => layer)).toEqual(['second', 'first']);
    const [coarse] = found;
    if (coarse === undefined) throw new Error('No distribution.');
    expect([coarse.min, coarse.max]).toEqual([-1, 1]);
    for (const counts of [coarse.before, coarse.after]) {
      expect(counts).toHaveLength(64);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(256);
    }
    // Steps of a half leave five values.
    expect(coarse.after.filter((count) => count > 0)).toHaveLength(5);
  });

  it('leave out what did not change', async () => {
    const same = weights();
    const before = await products('same.onnx', same, same);
    expect(await weightDistributions(before, before, await weightErrors(before, before))).toEqual([]);
  });

  it('stop when they are cancelled', async () => {
    const before = await products('one.onnx', weights(), weights());
    const after = await products('two.onnx', weights(), weights());
    const errors = await weightErrors(before, after);
    const job = weightDistributions(before, after, errors, AbortSignal.abort());
    expect((await errorOf(job)).kind).toBe('cancelled');
  });

  it('take a line of the file for each list of numbers', () => {
    const counts = [1, 2.5, 1e-7, -3];
    const distributions = [{ layer: '[ 1, 2 ]', min: -1, max: 1, before: counts, after: [] }];
    const report = exampleReport({ distributions });
    const text = reportJson(report);
    expect(JSON.parse(text)).toEqual(report);
    expect(text).toContain('"before": [1,2.5,1e-7,-3]');
  });
});

describe('ranges of activations', () => {
  const scalar = (name: string, array: Float32Array | Int8Array, dtype: Weight['dtype']): Weight => ({
    ...{ name, dtype, shape: [] },
    data: { kind: 'bytes', bytes: new Uint8Array(array.buffer) },
  });

  it('are those that the codes of a file stand for', () => {
    const quantized = model({
      nodes: [
        node('QuantizeLinear', ['x', 'sx', 'zx'], ['qx']),
        node('DequantizeLinear', ['qx', 'sx', 'zx'], ['dx']),
        node('MatMul', ['dx', 'w'], ['h']),
        node('QuantizeLinear', ['h', 'sh'], ['qh']),
        node('DequantizeLinear', ['qh', 'sh'], ['y']),
      ],
      weights: [
        initializer('w', [2, 2], Float32Array.of(1, 2, 3, 4)),
        scalar('sx', Float32Array.of(0.5), 'float32'),
        scalar('zx', Int8Array.of(-28), 'int8'),
        scalar('sh', Float32Array.of(0.25), 'float32'),
      ],
      inputs: [value('x', [1, 2])],
      outputs: [value('y', [1, 2])],
    });
    expect(activationRanges(quantized)).toEqual([
      { name: 'x', min: -50, max: 77.5, scale: 0.5, zeroPoint: -28, bits: 8 },
      { name: 'w', min: 0, max: 63.75, scale: 0.25, zeroPoint: 0, bits: 8 },
    ]);
  });

  it('are none where activations are floats', async () => {
    expect(activationRanges(await products('float.onnx', weights(), weights()))).toEqual([]);
  });
});

const quantizedName = 'mobilenet_small.int8-qdq.onnx';
describe.skipIf(!hasShared('Activation ranges of the zoo', 'zoo', 'mobilenet_small', quantizedName))(
  'of the zoo',
  () => {
    it('are found in a file of another tool', async () => {
      const file = sharedPath('zoo', 'mobilenet_small', quantizedName);
      expect(readFileSync(file).length).toBeGreaterThan(0);
      const ranges = activationRanges(await readModel(file));
      expect(ranges.length).toBeGreaterThan(10);
      for (const { min, max, scale, bits } of ranges) {
        expect((max - min) / scale).toBeCloseTo(2 ** bits - 1, 3);
        expect(min).toBeLessThanOrEqual(0);
      }
    });
  },
);
