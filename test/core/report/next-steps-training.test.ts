import { describe, expect, it } from 'vitest';
import type { Report } from '../../../src/core/evaluation/report.schema';
import { nextSteps, type NextStepFacts } from '../../../src/core/evaluation/report/next-steps';
import { parseRecipe } from '../../../src/core/recipe/parse';
import type { Recipe, WrittenRecipe } from '../../../src/core/recipe/recipe.schema';
import { exampleReport } from './report-example';

type Training = NonNullable<Report['training']>;
type Steps = WrittenRecipe['steps'];

const { before, after } = exampleReport();
const kept: Report['after'] = { ...after, value: before.value, interval: [0.975, 0.985] };
const lossy: Partial<NextStepFacts> = {
  after: { ...after, value: 0.95 },
  paired: { samples: 2000, agreement: 0.96, change: -0.03, interval: [-0.04, -0.02], pValue: 1e-9 },
};

/** @param accuracies at steps 10, 20, 30 … @param losses at the same steps */
function training(
  accuracies: readonly number[],
  losses: readonly number[] = [],
  change: Partial<Training> = {},
): Training {
  const at = (values: readonly number[]) => values.map((value, index) => ({ step: (index + 1) * 10, value }));
  const best = accuracies.indexOf(Math.max(...accuracies));
  return {
    ...{ epochs: 3, steps: accuracies.length * 10, bestStep: (best + 1) * 10, ended: 'finished' },
    figure: { name: 'accuracy', value: accuracies[best] ?? 0, lowerIsBetter: false },
    ...{ samplesPerSecond: 1000, trainingMs: 1000, seed: 1 },
    curves: { loss: at(losses), rate: at(losses), selection: at(accuracies) },
    ...change,
  };
}

const recipeOf = (steps: Steps): Recipe =>
  parseRecipe(JSON.stringify({ version: 1, data: { train: 'l.npz', test: 't.npz' }, steps }), 'r.yaml');

function advise(steps: Steps, change: Partial<NextStepFacts>) {
  return nextSteps({
    ...{ before, after: kept, paired: null, layers: [], changed: 0 },
    ...{ source: 'digits.onnx', output: 'digits.trained.onnx', recipe: recipeOf(steps) },
    ...change,
  });
}

const level = training([0.95, 0.95, 0.95]);
const INT4: Steps = [{ train: { quantize: { weights: 'int4' } } }];
const command = 'edgewise train digits.onnx --train l.npz --test t.npz';

describe('what to try after a training', () => {
  it('trains for longer where the figure still got better at the end', () => {
    const [first] = advise(INT4, { training: training([0.9, 0.93, 0.94]) });
    expect(first).toEqual({
      title: 'Train for longer',
      reason: 'Accuracy on the samples for choosing still got better at the end, by 1.0 points since step 20.',
      command: `${command} --weights 4 --epochs 6`,
    });
    const error = training([0.9, 0.93], [], { bestStep: 20 });
    const figure = { name: 'word error rate', value: 0.93, lowerIsBetter: true };
    const titles = advise(INT4, { training: { ...error, figure, bestStep: 10 } }).map(({ title }) => title);
    expect(titles).not.toContain('Train for longer');
  });

  it('trains to the end what was stopped before', () => {
    const stopped = training([0.9, 0.93], [], { ended: 'stopped', epochs: 1.25 });
    expect(advise(INT4, { training: stopped })[0]).toEqual({
      title: 'Let it train to its end',
      reason: 'It was stopped after 1.25 of 3 epochs.',
      command: `${command} --weights 4`,
    });
  });

  it('says nothing of a curve that has one point, or stays level', () => {
    for (const seen of [training([0.9]), level])
      expect(advise(INT4, { training: seen }).map(({ title }) => title)).toEqual(['Train with 2 bits']);
  });

  it('varies pictures, or lets weights shrink, where samples were learned by heart', () => {
    const byHeart = training([0.9, 0.95, 0.94, 0.93], [1, 0.5, 0.1, 0.05]);
    const [vary] = advise(INT4, { training: byHeart, pictures: true });
    expect(vary?.title).toBe('Vary the pictures');
    expect(vary?.reason).toMatch(/^After step 20 the loss went on falling while accuracy .* got worse by 2\.0 points/);
    expect(vary?.command).toBe(`${command} --weights 4 --augment shift=2`);
    const [shrink] = advise(INT4, { training: byHeart });
    expect(shrink?.command).toMatch(/--weight-decay 0\.001$/);
    // Where the loss does not fall either, nothing was learned by heart.
    const lost = advise(INT4, { training: training([0.9, 0.95, 0.94, 0.93], [1, 0.5, 0.7, 0.8]) });
    expect(lost.map(({ title }) => title)).toEqual(['Train with 2 bits']);
  });

  it('after a loss learns from the original, or goes back to more bits', () => {
    const [teach, bits] = advise([{ train: { quantize: { weights: 'int2' } } }], { ...lossy, training: level });
    expect(teach?.reason).toMatch(/^The original answers 3\.0 points better/);
    expect(teach?.command).toBe('edgewise distil digits.onnx --train l.npz --test t.npz --teacher self --weights 2');
    expect(bits).toMatchObject({ title: 'Train with 4 bits', command: `${command} --weights 4` });
  });

  it('learns longer from a teacher that is better still, and then gives the student more room', () => {
    const teachers = [{ name: 'large.onnx', value: 0.99, parameters: 1e6, bytes: 4e6 }];
    const student = { ...kept, value: 0.975 };
    const short: Steps = [{ distil: { teacher: 'large.onnx' } }];
    expect(advise(short, { training: level, teachers, after: student })[0]).toEqual({
      title: 'Learn longer from the teacher',
      reason: 'large.onnx answers 1.5 points better than the student.',
      command: 'edgewise distil digits.onnx --train l.npz --test t.npz --teacher large.onnx --epochs 6',
    });
    const long: Steps = [{ distil: { teacher: 'large.onnx', epochs: 30 } }];
    const [room] = advise(long, { training: level, teachers, after: student });
    expect(room).toMatchObject({ title: 'Give the student more room', command: null });
    expect(room?.reason).toContain('1.5 points better than the student after 30 epochs');
  });

  it('trains with fewer bits where no loss shows, and suggests no search, which does not train', () => {
    const titles = advise([{ train: {} }], { training: level }).map(({ title }) => title);
    expect(titles).toEqual(['Train with 4 bits']);
    const two = advise([{ train: { quantize: { weights: 'int2' } } }], { training: level });
    expect(two.map(({ title }) => title)).toEqual(['Measure it on the device it is for']);
  });

  it('gives no command for a recipe of several steps, which flags cannot say', () => {
    const steps: Steps = [{ student: { width: 0.5 } }, { train: {} }];
    expect(advise(steps, { training: training([0.9, 0.93, 0.94]) })[0]).toMatchObject({
      title: 'Train for longer',
      command: null,
    });
  });
});
