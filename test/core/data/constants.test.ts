import { describe, expect, it } from 'vitest';
import { fixedBatch } from '../../../src/core/evaluation/batching';
import { openRoles } from '../../../src/core/evaluation/data';
import type { ModelInput } from '../../../src/core/evaluation/data/targets';
import { errorOf, isSentence, scratchFolder } from '../formats/scratch';
import { npz } from './files';

const scratch = scratchFolder();

/** The inputs of Silero's voice detector: windows of sound, a state whose batch is its second axis, and the rate. */
const INPUTS: readonly ModelInput[] = [
  { name: 'input', dtype: 'float32', shape: ['batch', 'sequence'] },
  { name: 'state', dtype: 'float32', shape: [2, 'batch', 4] },
  { name: 'sr', dtype: 'int64', shape: [] },
];

function windows(): string {
  const values = Float32Array.from({ length: 40 }, (_, at) => at / 40);
  scratch.write('windows.npz', npz({ input: { shape: [10, 4], values } }));
  return 'windows.npz';
}

const open = (constants: Record<string, number>, inputs = INPUTS) =>
  openRoles({ test: windows(), constants }, scratch.path('.'), inputs);

describe('inputs that are the same for every sample', () => {
  it('are filled with their number, in the shape of the model for as many samples as are run', async () => {
    const roles = await open({ state: 0, sr: 16000 });
    const batch = await roles.test?.batch([3, 1, 2]);
    await roles.close();
    expect(batch?.inputs['input']?.shape).toEqual([3, 4]);
    expect(batch?.inputs['state']).toEqual({ dtype: 'float32', shape: [2, 3, 4], data: new Float32Array(24) });
    expect(batch?.inputs['sr']).toEqual({ dtype: 'int64', shape: [], data: BigInt64Array.of(16000n) });
  });

  it('say nothing of the batch: a state of two layers is no batch of two', async () => {
    const roles = await open({ state: 0, sr: 16000 });
    const inputs = INPUTS.map(({ name, shape }) => ({
      name,
      dtype: 'float32' as const,
      shape: shape?.map((size) => size ?? '') ?? null,
    }));
    await roles.close();
    expect(fixedBatch(inputs, roles.test)).toBeNull();
    expect(fixedBatch(inputs, null)).toBe(2);
  });

  it.each([
    [
      'names that are no inputs',
      { stat: 0 },
      "The recipe's data.constants name stat; the inputs of the model are input, state, sr.",
    ],
    ['numbers that the type does not hold', { sr: 0.5 }, 'The input sr of the model takes int64, which cannot be 0.5.'],
    ['shapes that stay open', { input: 0 }, 'The input input of the model has no known shape and type to fill with 0.'],
  ])('refuse %s', async (_, constants, sentence) => {
    const error = await errorOf(open(constants));
    expect(error.kind).toBe('bad-recipe');
    expect(error.message).toContain(sentence);
    expect(isSentence(error.message)).toBe(true);
  });
});
