import { abs, add, mul, square } from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import { reduceSum } from '../graph/reduction';
import type { Term } from '../graph/term';

/** A price on weights, added to the loss. */
export type Regularizer = (build: GraphBuilder, weight: Term) => Term;

/** `sum |w|`. */
export const lasso: Regularizer = (build, weight) => reduceSum(build, abs(build, weight), undefined, { keep: false });

/** `sum w^2 / 2`. */
export const ridge: Regularizer = (build, weight) =>
  mul(build, reduceSum(build, square(build, weight), undefined, { keep: false }), 0.5);

/** Keeps the root's slope finite at 0. */
const SMALLEST = 1e-12;

/** `sum over output channels of sqrt(elements) * |w_channel|` (Yuan and Lin 2006): whole filters go to 0. */
export const groupLasso: Regularizer = (build, weight) => {
  const [channels = 1, ...rest] = weight.shape;
  const elements = rest.reduce((product, length) => product * length, 1);
  const squares = reduceSum(
    build,
    square(build, weight),
    rest.map((_, axis) => axis + 1),
  );
  const norms = build.one('Sqrt', [add(build, squares, SMALLEST)], {
    dtype: 'float32',
    shape: [channels, ...rest.map(() => 1)],
  });
  return mul(build, reduceSum(build, norms, undefined, { keep: false }), Math.sqrt(elements));
};

export const REGULARIZERS: Readonly<Record<'l1' | 'l2' | 'group-lasso', Regularizer>> = {
  l1: lasso,
  l2: ridge,
  'group-lasso': groupLasso,
};
