import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { mul } from '../../../../src/core/training/graph/arithmetic';
import type { GraphBuilder } from '../../../../src/core/training/graph/builder';
import { reduceSum } from '../../../../src/core/training/graph/reduction';
import { Term } from '../../../../src/core/training/graph/term';
import { differentiate } from '../../../../src/core/training/gradients/differentiate';
import {
  clipLearned,
  fakeQuantize,
  quantizeByCodes,
  roundThrough,
  signThrough,
} from '../../../../src/core/training/quantization/straight-through';
import { newBuilder, runGraph } from '../gradients/check';

const VALUES = [-2.3, -0.9, -0.26, 0, 0.24, 0.6, 1.1, 5];
/** The objective's gradient with respect to each output. */
const WEIGHTS = [1, 2, 3, 4, 5, 6, 7, 8];

const vector = (values: readonly number[], shape = [values.length]): Tensor => ({
  ...{ dtype: 'float32', shape, data: Float32Array.from(values) },
});

/** Output and gradients of a computation on a vector and one number. */
async function walked(
  write: (build: GraphBuilder, x: Term, s: Term) => Term,
  number: number,
): Promise<{ y: number[]; dx: number[]; ds: number | null }> {
  const build = newBuilder(17);
  const [x, s] = [new Term('x', 'float32', [8]), new Term('s', 'float32', [])];
  const y = write(build, x, s);
  const objective = reduceSum(build, mul(build, y, build.constant(WEIGHTS, [8])), undefined, { keep: false });
  const gradients = differentiate(build, objective, [x, s]);
  const feeds = new Map([
    [x, vector(VALUES)],
    [s, vector([number], [])],
  ]);
  const answers = await runGraph(build, feeds, [y, ...gradients.values()]);
  const of = (name: string | undefined): number[] => Array.from(answers[name ?? '']?.data ?? [], Number);
  const ds = gradients.get('s');
  return { y: of(y.name), dx: of(gradients.get('x')?.name), ds: ds ? (of(ds.name)[0] ?? null) : null };
}

describe('what rounding does to gradients', () => {
  it('rounds half to even, and is the identity backward', async () => {
    const { y, dx } = await walked((build, x) => roundThrough(build, x), 1);
    expect(y).toEqual([-2, -1, -0, 0, 0, 1, 1, 5]);
    expect(dx).toEqual(WEIGHTS);
  });

  it('takes signs, and is the identity backward from -1 to 1', async () => {
    const { y, dx } = await walked((build, x) => signThrough(build, x), 1);
    expect(y).toEqual([-1, -1, -1, 1, 1, 1, 1, 1]);
    expect(dx).toEqual([0, 2, 3, 4, 5, 6, 0, 0]);
  });

  it.each([
    ['as floats', fakeQuantize],
    ['by the runtime’s codes', quantizeByCodes],
  ])('quantizes with a learned step, %s: the formulas of LSQ, element by element', async (_, quantize) => {
    const [step, low, high, scaled] = [0.5, -2, 1, 0.25];
    const { y, dx, ds } = await walked((build, x, s) => quantize(build, x, s, { low, high }, scaled), step);
    expect(y).toEqual([-1, -1, -0.5, 0, 0, 0.5, 0.5, 0.5]);
    const inside = VALUES.map((value) => value / step >= low && value / step <= high);
    expect(dx).toEqual(WEIGHTS.map((weight, index) => (inside[index] ? weight : 0)));
    const towards = VALUES.map((value, index) => {
      const code = Math.min(high, Math.max(low, Math.round(value / step)));
      return (inside[index] ? code - value / step : code) * (WEIGHTS[index] ?? 0) * scaled;
    });
    expect(ds).toBeCloseTo(
      towards.reduce((sum, value) => sum + value, 0),
      4,
    );
  });

  it('cuts at a learned bound: PACT counts what is cut', async () => {
    const { y, dx, ds } = await walked((build, x, s) => clipLearned(build, x, s), 1);
    expect(y).toEqual([0, 0, 0, 0, expect.closeTo(0.24), expect.closeTo(0.6), 1, 1]);
    expect(dx).toEqual([0, 0, 0, 0, 5, 6, 0, 0]);
    expect(ds).toBe(15);
  });
});
