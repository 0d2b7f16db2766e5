import type { GraphBuilder } from '../graph/builder';
import { reduceSum } from '../graph/reduction';
import { expand, reshape, sameShape } from '../graph/shaping';
import type { Term } from '../graph/term';

/**
 * A gradient in the shape of what it is the gradient of. Broadcasting is undone here and nowhere else: where the value
 * was repeated its gradients are summed; where one gradient stands for all elements it is repeated.
 */
export function fit(build: GraphBuilder, gradient: Term, shape: readonly number[]): Term {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.shape.length - shape.length;
  const summed = gradient.shape.flatMap((length, axis) =>
    axis < extra || (length !== 1 && shape[axis - extra] === 1) ? [axis] : [],
  );
  const reduced = summed.length === 0 ? gradient : reduceSum(build, gradient, summed);
  const aligned = extra > 0 ? reshape(build, reduced, reduced.shape.slice(extra)) : reduced;
  return expand(build, aligned, shape);
}
