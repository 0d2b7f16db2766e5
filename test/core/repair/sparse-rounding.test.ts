import { describe, expect, it } from 'vitest';
import { encodeWeights } from '../../../src/core/compression/quantization/encode-weights';
import type { WeightScheme } from '../../../src/core/compression/encodings/scheme';
import { openWeights } from '../../../src/core/formats/weight-reader';
import type { Model } from '../../../src/core/model/model';
import { collect, model, smallNetwork } from '../compression/models';
import { random } from '../quantization/networks';
import { codes, encoded, inputs, numbersOf, outputError, planOf, repaired, type Repairing } from './repairing';

const SHAPE = [8, 6, 6];
const NAMES = ['conv.weight', 'fc.weight', 'head.weight'];
const given = model(smallNetwork(random));
const data = inputs('x', SHAPE, 256);
const half: WeightScheme = { ...codes(4), sparsity: 0.5 };

/** For each element 1 where the file keeps a value. */
async function maskOf({ model, plan }: { model: Model; plan: Repairing['plan'] }, name: string): Promise<number[]> {
  const reader = await openWeights(model);
  try {
    const tensor = (await encodeWeights(model, reader, plan)).get(name);
    if (tensor?.kind !== 'sparse') throw new Error(`${name} is sparse`);
    const bytes = await collect(tensor.mask);
    const elements = tensor.shape.reduce((a, b) => a * b, 1);
    return Array.from({ length: elements }, (_, at) => ((bytes[at >> 3] ?? 0) >> (at % 8)) & 1);
  } finally {
    await reader.close();
  }
}

describe('rounding sparse weights', () => {
  it.each(['gptq', 'adaptive-rounding'] as const)(
    '%s leaves half of them zero, and no more than a few others',
    async (name) => {
      const after = await repaired([name], given, planOf(NAMES, half), data);
      for (const weight of NAMES) {
        const numbers = await numbersOf(after.model, weight);
        const zeros = numbers.filter((each) => each === 0).length / numbers.length;
        expect(zeros).toBeGreaterThanOrEqual(0.5);
        expect(zeros).toBeLessThan(0.65);
      }
    },
  );

  it.each(['gptq', 'adaptive-rounding'] as const)(
    '%s: the file has its zeros, and nothing but its zeros',
    async (name) => {
      const after = await repaired([name], given, planOf(NAMES, half), data);
      for (const weight of NAMES) {
        const numbers = await numbersOf(after.model, weight);
        const mask = await maskOf(after, weight);
        expect(mask.every((bit, at) => (bit === 1) === (numbers[at] !== 0))).toBe(true);
        expect(await numbersOf(await encoded(after), weight)).toEqual(numbers);
      }
    },
  );

  it.each(['gptq', 'adaptive-rounding'] as const)('%s makes the others take up what is left out', async (name) => {
    const plan = planOf(NAMES, half);
    const plain = await outputError(given, await encoded({ model: given, plan }), 'x', SHAPE);
    const after = await encoded(await repaired([name], given, plan, data));
    expect(await outputError(given, after, 'x', SHAPE)).toBeLessThan(plain / 2);
  });

  it('chooses what is left out by what it does to the outputs, not by size alone', async () => {
    const after = await repaired(['gptq'], given, planOf(['head.weight'], half), data);
    const numbers = await numbersOf(given, 'head.weight');
    const mask = await maskOf(after, 'head.weight');
    const smallest = Math.min(...numbers.filter((_, at) => mask[at] === 1).map(Math.abs));
    const largest = Math.max(...numbers.filter((_, at) => mask[at] === 0).map(Math.abs));
    expect(smallest).toBeLessThan(largest);
  });

  it('keeps a scale a channel where activations have codes too, since integer kernels see zeros like others', async () => {
    const plan = planOf(['fc.weight'], { ...codes(4, 0), sparsity: 0.5 });
    const scales = (after: Repairing): number => {
      const scheme = after.plan.get('fc.weight');
      return scheme?.kind === 'affine' ? (scheme.given?.scale.length ?? 0) : 0;
    };
    expect(scales(await repaired(['gptq'], given, plan, data, { quantizesActivations: true }))).toBe(32);
    expect(scales(await repaired(['gptq'], given, plan, data))).toBe(1);
  });

  it('rounds blocks of sparse weights plainly, and says so', async () => {
    const plan = planOf(['fc.weight'], { ...codes(4, 1), block: 32, sparsity: 0.5 });
    const after = await repaired(['gptq'], given, plan, data);
    expect(after.warnings).toEqual([
      expect.stringContaining('blocks of sparse weights lie along what is left of them: fc.'),
    ]);
    expect(await numbersOf(after.model, 'fc.weight')).toEqual(await numbersOf(given, 'fc.weight'));
  });
});
