import { describe, expect, it } from 'vitest';
import { nameOf, stepOf, stepWith } from '../../../src/core/compression/search/recipe-of';
import { RUNGS, type Rung } from '../../../src/core/compression/search/rungs';
import { unitsOf } from '../../../src/core/compression/search/units';
import { quantizeSchema, type QuantizeStep } from '../../../src/core/recipe/recipe.schema';
import { checkStep } from '../../../src/core/recipe/step-check';
import { planWeights } from '../../../src/core/recipe/weight-plan';
import { initializer, int, model, node, value } from '../compression/models';

const weight = (name: string, ...shape: number[]) =>
  initializer(name, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

/** Two layers that share a table, and two of their own. */
const tied = model({
  nodes: [
    node('Gather', ['table', 'i'], ['e'], { axis: int(0) }),
    node('MatMul', ['e', 'up.weight'], ['u']),
    node('Relu', ['u'], ['r']),
    node('MatMul', ['r', 'down.weight'], ['d']),
    node('Gemm', ['d', 'table'], ['y'], { transB: int(1) }),
  ],
  weights: [weight('table', 100, 64), weight('up.weight', 64, 256), weight('down.weight', 256, 64)],
  inputs: [value('i', ['n'], 'int64')],
  outputs: [value('y', ['n', 100])],
});

const units = unitsOf(tied, new Set(['table', 'up.weight', 'down.weight']));
const given = quantizeSchema.parse({ weights: 'int8', granularity: 'tensor', sparsity: 0.5, scales: 'mse' });
const rung = (name: string): Rung => {
  const found = RUNGS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no rung ${name}`);
  return found;
};
const planned = (step: QuantizeStep) => planWeights(tied, quantizeSchema.parse(step), 'tied.onnx');

describe('what one choice is made for', () => {
  it('is a layer, or all layers that share a weight', () => {
    expect(units.map(({ weights }) => weights)).toEqual([['table'], ['up.weight'], ['down.weight']]);
    expect(units[0]?.layers).toHaveLength(2);
    expect(units.flatMap(({ layers }) => layers)).toHaveLength(4);
  });

  it('leaves layers out that have no such weight', () => {
    expect(unitsOf(tied, new Set(['up.weight']))).toHaveLength(1);
    expect(unitsOf(tied, new Set())).toEqual([]);
  });
});

describe('the step that says what was chosen', () => {
  it.each(RUNGS.map(({ name }) => name))('is one that can be carried out, for %s', (name) => {
    const step = stepWith(given, rung(name));
    expect(quantizeSchema.parse(step)).toEqual(step);
    expect(() => {
      checkStep(step);
    }).not.toThrow();
  });

  it('plans for each layer what its rung alone plans', () => {
    const chosen = ['2-bit palette, 60 % sparse', 'int4 per block of 32', '4-bit palette per 16 channels'].map(rung);
    const assignments = units.map((unit, index) => ({ unit, rung: chosen[index] ?? null }));
    const step = stepOf(given, assignments);
    if (step === null) throw new Error('something changes');
    expect(planned(step).size).toBe(3);
    for (const { unit, rung: own } of assignments) {
      if (own === null) continue;
      const alone = planned(stepWith(given, own));
      for (const name of unit.weights) expect(planned(step).get(name)).toEqual(alone.get(name));
    }
  });

  it('keeps layers for which nothing was chosen, and what was said before', () => {
    const [table, ...others] = units;
    if (table === undefined) throw new Error('there are units');
    const assignments = [{ unit: table, rung: rung('4-bit palette') }, ...others.map((unit) => ({ unit, rung: null }))];
    const step = stepOf({ ...given, keep: ['r'], repair: ['bias-correction'] }, assignments);
    expect(step?.keep).toEqual(['r', ...others.flatMap(({ layers }) => layers)]);
    expect(step?.repair).toEqual(['bias-correction']);
    expect(step?.overrides).toBeUndefined();
    expect([...planned({ ...(step ?? given), keep: others.flatMap(({ layers }) => layers) }).keys()]).toEqual([
      'table',
    ]);
    expect(nameOf(assignments)).toBe('2 layers 4-bit palette; 2 layers as it is');
  });

  it('is none where every layer stays', () => {
    expect(
      stepOf(
        given,
        units.map((unit) => ({ unit, rung: null })),
      ),
    ).toBeNull();
  });
});
