import { abs, add, div, mul, square, sub } from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import { reduceMean, reduceSum } from '../graph/reduction';
import { reshape } from '../graph/shaping';
import { elementsOf } from '../../model/model';
import type { Term } from '../graph/term';
import { targetOf, type Loss } from './loss';

type Distance = (build: GraphBuilder, value: Term, goal: Term) => Term;

/** `mean((y - t)^2)` over all elements. */
export const meanSquared: Distance = (build, value, goal) =>
  reduceMean(build, square(build, sub(build, value, goal)), undefined, { keep: false });

/** `mean(|y - t|)` over all elements. */
export const meanAbsolute: Distance = (build, value, goal) =>
  reduceMean(build, abs(build, sub(build, value, goal)), undefined, { keep: false });

/** Keeps a vector of zeros from being divided by. */
const SMALLEST_NORM = 1e-8;

/** `mean(1 - cos(y, t))` over the samples, each as one vector. */
export const cosineDistance: Distance = (build, value, goal) => {
  const [batch = 1] = value.shape;
  const rows = (term: Term): Term => reshape(build, term, [batch, elementsOf(term.shape) / batch]);
  const [left, right] = [rows(value), rows(goal)];
  const norm = (term: Term): Term =>
    build.one('Sqrt', [add(build, reduceSum(build, square(build, term), [1]), SMALLEST_NORM ** 2)], {
      dtype: 'float32',
      shape: [batch, 1],
    });
  const cosine = div(build, reduceSum(build, mul(build, left, right), [1]), mul(build, norm(left), norm(right)));
  return reduceMean(build, sub(build, 1, cosine), undefined, { keep: false });
};

/** The distance of an output from the values that the data give for it. */
export function toTarget(distance: Distance, output: string): Loss {
  return ({ build, value, fed }) => {
    const term = value(output);
    return distance(build, term, fed(targetOf(output), 'float32', term.shape));
  };
}
