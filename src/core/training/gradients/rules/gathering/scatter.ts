import { mul } from '../../../graph/arithmetic';
import type { GraphBuilder } from '../../../graph/builder';
import { matMul } from '../../../graph/product';
import { reduceSum } from '../../../graph/reduction';
import { expand, pad, reshape, swapLastTwo, transpose, zeros } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';

/** The operator set from which ScatterElements adds what meets at one place. */
const ADDS_SINCE = 16;

/** The row of `depth` numbers of each index: 1 at the index, 0 elsewhere. Negative indices count from the end. */
function oneHot(build: GraphBuilder, indices: Term, depth: number): Term {
  const inputs = [indices, build.integers([depth]), build.constant([0, 1], [2])];
  return build.one('OneHot', inputs, float32([...indices.shape, depth]), { axis: { kind: 'int', value: -1 } });
}

/**
 * Zeros in `shape`, with each element of `updates` added at its place along `axis`, which `indices` (in the shape of the
 * updates) tell; along the other axes it stays where it is.
 */
export function scatterAdd(
  build: GraphBuilder,
  shape: readonly number[],
  axis: number,
  indices: Term,
  updates: Term,
): Term {
  if (build.opset >= ADDS_SINCE)
    return build.one('ScatterElements', [zeros(build, shape), indices, updates], float32(shape), {
      axis: { kind: 'int', value: axis },
      reduction: { kind: 'string', value: 'add' },
    });
  const rank = shape.length;
  const places = oneHot(build, indices, shape[axis] ?? 1);
  const placed = reduceSum(build, mul(build, reshape(build, updates, [...updates.shape, 1]), places), [axis]);
  // The new last axis takes the place of the one that was summed.
  const order = Array.from({ length: rank }, (_, each) => (each === axis ? rank : each));
  const moved = transpose(build, placed, [...order, axis]);
  const small = reshape(build, moved, moved.shape.slice(0, rank));
  return pad(
    build,
    small,
    shape.map(() => 0),
    shape.map((length, each) => length - (small.shape[each] ?? 0)),
  );
}

/**
 * The sum of the rows that each of `rows` indices gave: the opposite of Gather along `axis` of a tensor of `shape`.
 * `indices` may have any shape; the updates have it in the place of the axis.
 */
export function scatterRows(
  build: GraphBuilder,
  shape: readonly number[],
  axis: number,
  indices: Term,
  updates: Term,
): Term {
  const size = (lengths: readonly number[]): number => lengths.reduce((product, length) => product * length, 1);
  const [before, rows, after] = [size(shape.slice(0, axis)), shape[axis] ?? 1, size(shape.slice(axis + 1))];
  const count = size(indices.shape);
  const pieces = reshape(build, updates, [before, count, after]);
  if (build.opset >= ADDS_SINCE) {
    const places = expand(build, reshape(build, indices, [1, count, 1]), pieces.shape);
    return reshape(build, scatterAdd(build, [before, rows, after], 1, places, pieces), shape);
  }
  const places = oneHot(build, reshape(build, indices, [count]), rows);
  return reshape(build, matMul(build, swapLastTwo(build, places), pieces), shape);
}
