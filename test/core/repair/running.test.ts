import { describe, expect, it } from 'vitest';
import { REPAIR_PASSES, runRepairs } from '../../../src/core/compression/repair';
import { MAX_COLUMNS } from '../../../src/core/compression/repair/rounding-pass';
import { REPAIRS } from '../../../src/core/recipe/recipe.schema';
import { initializer, model, node, smallNetwork, value } from '../compression/models';
import { random } from '../quantization/networks';
import { codes, inputs, numbersOf, planOf, repaired } from './repairing';

const given = model(smallNetwork(random));
const plan = planOf(['conv.weight', 'fc.weight', 'head.weight'], codes(4));
const SHAPE = [8, 6, 6];

describe('running repairs', () => {
  it('has a pass for each name that a recipe can say', () => {
    expect(REPAIR_PASSES.map(({ name }) => name)).toEqual(REPAIRS);
  });

  it('asks for calibration data before anything runs', async () => {
    await expect(repaired(['equalize', 'gptq'], given, plan, null)).rejects.toMatchObject({
      kind: 'bad-data',
      message:
        'The repair gptq of "model.onnx" needs calibration data. Give some with --data, or use only fold, equalize and rotate.',
    });
  });

  it('stops when it is cancelled, at every stage', async () => {
    for (const stage of [1, 3, 6]) {
      const cancel = new AbortController();
      let steps = 0;
      const progress = (): void => {
        if (++steps === stage) cancel.abort();
      };
      const job = { signal: cancel.signal, progress };
      const calibration = inputs('x', SHAPE);
      const context = {
        ...{ job, calibration },
        samples: 64,
        quantizesActivations: false,
        warn: () => undefined,
        file: 'model.onnx',
      };
      const run = runRepairs(['adaptive-rounding', 'bias-correction'], given, plan, context);
      await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
    }
  });

  it('runs successive rounding once where both ways to choose codes are named', async () => {
    const after = await repaired(['gptq', 'adaptive-rounding'], given, plan, inputs('x', SHAPE));
    expect(after.warnings).toEqual(['The repair gptq was left out: adaptive-rounding begins with it.']);
  });

  it('rounds layers plainly that have too many inputs for their second moments, and names them', async () => {
    const wide = model({
      nodes: [node('MatMul', ['x', 'wide.weight'], ['y'])],
      weights: [initializer('wide.weight', [MAX_COLUMNS + 1, 2], random(2 * (MAX_COLUMNS + 1), 1))],
      inputs: [value('x', ['n', MAX_COLUMNS + 1])],
      outputs: [value('y', ['n', 2])],
    });
    const after = await repaired(['gptq'], wide, planOf(['wide.weight'], codes(4)), inputs('x', [MAX_COLUMNS + 1], 2));
    expect(after.warnings).toEqual(['Rounded plainly, since they have more than 4,608 inputs an output: wide.']);
    expect(await numbersOf(after.model, 'wide.weight')).toEqual(await numbersOf(wide, 'wide.weight'));
  });
});
