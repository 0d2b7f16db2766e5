import { describe, expect, it } from 'vitest';
import { nextSteps, type NextStepFacts } from '../../../src/core/evaluation/report/next-steps';
import { recipeFromFlags } from '../../../src/core/recipe/from-flags';
import { quantizeSteps } from '../../../src/core/recipe/step-kinds';
import { exampleReport } from './report-example';

const { before, after } = exampleReport();
const layer = (name: string, sqnrDb: number | null) => ({
  name,
  operator: 'Conv',
  parameters: 100,
  bytesBefore: 4000,
  bytesAfter: 1000,
  encoding: 'int8 per channel',
  sqnrDb,
});

const facts: NextStepFacts = {
  before,
  after: { ...after, value: before.value, interval: [0.975, 0.985] },
  paired: null,
  layers: [layer('good', 45), layer('bad one', 18), layer('worse', 12.3), layer('kept', null)],
  changed: 0,
  source: 'digits.onnx',
  output: 'digits.int8.onnx',
  recipe: recipeFromFlags({ to: 'int8', calibration: 'c.npz', test: 't.npz', scale: '2' }),
};
const lossy: Partial<NextStepFacts> = {
  after: { ...after, value: 0.95 },
  paired: { samples: 2000, agreement: 0.96, change: -0.03, interval: [-0.04, -0.02], pValue: 1e-9 },
};
const advise = (change: Partial<NextStepFacts>) => nextSteps({ ...facts, ...change });

describe('what to try next', () => {
  it('after a loss: cut ranges or correct biases, keep the layers that suffer most, or quantize weights only', () => {
    const [first, second, third] = advise(lossy);
    const command = 'edgewise compress digits.onnx --to int8 --calibration c.npz --test t.npz --scale 2';
    expect(first?.command).toBe(`${command} --ranges percentile`);
    const cut = recipeFromFlags({ to: 'int8', calibration: 'c.npz', test: 't.npz', scale: '2', ranges: 'percentile' });
    expect(advise({ ...lossy, recipe: cut })[0]?.command).toBe(
      `${command} --ranges percentile --repair bias-correction`,
    );
    expect(second).toEqual({
      title: 'Keep the layers that suffer most',
      reason:
        'The weights of worse (12.3 dB) and bad one (18.0 dB) carry the most error; leaving them as they are costs about 6.00 KB.',
      command: `${command} --keep worse --keep 'bad one'`,
    });
    expect(third?.command).toBe(command.replace('int8', 'int8-weights'));
  });

  it('after a collapse with one scale a tensor: equalize, or a scale a channel', () => {
    const recipe = recipeFromFlags({ weights: '4', granularity: 'tensor', encoding: 'affine', data: 'd.npz' });
    const [first, second] = advise({ ...lossy, recipe });
    expect(first?.title).toBe('Equalize the channels first');
    expect(first?.command).toContain('--repair equalize');
    expect(first?.command).toContain('--granularity tensor');
    expect(second?.title).toBe('Give each channel a scale of its own');
    expect(second?.command).not.toContain('tensor');
  });

  it('after a loss with few bits: round for the outputs, by the method for these layers', () => {
    const recipe = recipeFromFlags({ to: 'palette4', data: 'd.npz' });
    expect(advise({ ...lossy, recipe })[0]?.command).toMatch(/--repair adaptive-rounding$/);
    const matrices = facts.layers.map((one) => ({ ...one, operator: 'MatMul' }));
    expect(advise({ ...lossy, recipe, layers: matrices })[0]?.command).toMatch(/--repair gptq$/);
    const step = recipe.steps[0]?.quantize;
    const again = quantizeSteps(recipe.steps).map((one) => ({ quantize: { ...one, repair: ['gptq' as const] } }));
    expect(step?.repair).toBeUndefined();
    // What was tried already is not suggested again; both repairs stand in the order in which they run.
    expect(advise({ ...lossy, recipe: { ...recipe, steps: again }, layers: matrices })[0]?.command).toMatch(
      /--repair gptq --repair bias-correction$/,
    );
  });

  it('after a loss of another recipe: a search within half a point', () => {
    const recipe = recipeFromFlags({ to: 'float16', data: 'd.npz' });
    expect(advise({ ...lossy, recipe, layers: [] })[0]).toEqual({
      title: 'Let a search choose for each layer',
      reason: 'It measures what each layer bears, and gives bits where they count, within 0.5 points.',
      command: 'edgewise compress digits.onnx --data d.npz --max-drop 0.5',
    });
  });

  it('a loss that may be chance is none', () => {
    const paired = { samples: 50, agreement: 0.9, change: -0.03, interval: null, pValue: 0.4 };
    expect(advise({ ...lossy, paired }).map(({ title }) => title)).not.toContain('Keep the layers that suffer most');
  });

  it('without a loss of 8 bits: a palette of 4, or a search for the smallest', () => {
    expect(advise({}).map(({ command }) => command)).toEqual([
      'edgewise compress digits.onnx --to palette4 --calibration c.npz --test t.npz --scale 2',
      'edgewise compress digits.onnx --calibration c.npz --test t.npz --scale 2 --max-drop 0.5',
    ]);
  });

  it('where it became slower: measure where it will run, by a command that exists', () => {
    const slow = { ...facts.after, latencyMs: { median: 2, p95: 2.1, threads: 2, runs: 50, batch: 1 } };
    expect(advise({ after: slow })).toContainEqual({
      title: 'Measure it on the device it is for',
      reason: expect.stringMatching(/processor/) as string,
      command: 'edgewise evaluate digits.int8.onnx --data t.npz --scale 2',
    });
  });

  it('from weights to activations where there are samples for it', () => {
    const recipe = recipeFromFlags({ to: 'int8-weights', data: 'd.npz', keep: ['fc'] });
    expect(advise({ recipe })[0]?.command).toBe('edgewise compress digits.onnx --to int8 --data d.npz --keep fc');
    expect(advise({ recipe: recipeFromFlags({ to: 'int8-weights' }) })[0]?.command).toBeNull();
  });

  it('from float16 to int8', () => {
    const recipe = recipeFromFlags({ to: 'float16' });
    expect(advise({ recipe })[0]?.command).toBe('edgewise compress digits.onnx --to int8-weights');
  });

  it('when nothing was measured: measure', () => {
    const unmeasured = { ...after, metric: null, value: null, interval: null };
    expect(advise({ after: unmeasured })[0]?.title).toBe('Measure it on your data');
  });

  it('when only little is known: more samples', () => {
    const few = { ...facts.after, interval: [0.9, 1] as [number, number], samples: 60 };
    expect(advise({ after: few })[0]?.reason).toBe('With 60 samples, accuracy is known to ±5.0 points only.');
  });

  it('is never more than three things', () => {
    const slow = { ...after, value: 0.9, interval: [0.8, 1] as [number, number], latencyMs: null };
    expect(advise({ ...lossy, after: slow, changed: 80 })).toHaveLength(3);
  });
});
