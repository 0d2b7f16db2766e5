import type { GraphBuilder } from '../../../graph/builder';
import { reduceSum } from '../../../graph/reduction';
import { concat, pad, reshape, slice } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';
import type { Layer } from './layer';
import { isPointwise } from './window';

/** For each element of the window one product of the small grid with what it meets in the large one. */
export function byTaps(build: GraphBuilder, layer: Layer, large: Term, small: Term): Term {
  const { window, group, batch, channels, outputs } = layer;
  const { kernel, small: positions } = window;
  const places = positions.reduce((product, length) => product * length, 1);
  const left = reshape(build, small, [batch, group, outputs / group, places]);
  const products = tapsOf(kernel).map((tap) => {
    const right = reshape(build, metBy(build, layer, large, tap), [batch, group, channels / group, places]);
    const sum = reduceSum(build, productWithTransposed(build, left, right), [0], { keep: false });
    return reshape(build, sum, [outputs, channels / group, 1]);
  });
  return reshape(build, concat(build, products, 2), [outputs, channels / group, ...kernel]);
}

/** `left @ right'` of the last two axes, without a copy. */
function productWithTransposed(build: GraphBuilder, left: Term, right: Term): Term {
  const shape = [...left.shape.slice(0, -1), right.shape.at(-2) ?? 1];
  return build.one(
    'FusedMatMul',
    [left, right],
    float32(shape),
    { transB: { kind: 'int', value: 1 } },
    'com.microsoft',
  );
}

/** Elements of the large grid that one element of the window meets, one for each position. */
function metBy(build: GraphBuilder, { window }: Layer, large: Term, tap: readonly number[]): Term {
  const { strides, dilations, before, after, small } = window;
  if (isPointwise(window)) return large;
  const padded = build.once(`padded ${large.name} ${before.join()} ${after.join()}`, () =>
    pad(build, large, [0, 0, ...before], [0, 0, ...after]),
  );
  const starts = tap.map((index, axis) => index * (dilations[axis] ?? 1));
  const ends = starts.map((start, axis) => start + ((small[axis] ?? 1) - 1) * (strides[axis] ?? 1) + 1);
  return slice(
    build,
    padded,
    tap.map((_, axis) => axis + 2),
    starts,
    ends,
    strides,
  );
}

/** All positions in a window, the last axis fastest. */
function tapsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (taps, length) => taps.flatMap((rest) => Array.from({ length }, (_, index) => [...rest, index])),
    [[]],
  );
}
