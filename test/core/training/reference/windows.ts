import { at, type Array64, fill } from './array';

/** How a window slides, one number an axis of space. */
export interface Sliding {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** Padding in front on each axis, then behind. */
  readonly pads?: readonly number[];
  readonly ceil?: boolean;
}

/** All positions of a grid, the last axis fastest. */
export function positionsOf(lengths: readonly number[]): number[][] {
  return lengths.reduce<number[][]>(
    (grid, length) => grid.flatMap((rest) => Array.from({ length }, (_, index) => [...rest, index])),
    [[]],
  );
}

/** `floor((in + pads - reach) / stride) + 1`, or rounded up as long as the last window begins before the end. */
export function slidingShape(lengths: readonly number[], sliding: Sliding): number[] {
  return lengths.map((length, axis) => {
    const { kernel, strides = [], dilations = [], pads = [], ceil = false } = sliding;
    const [stride, before, after] = [strides[axis] ?? 1, pads[axis] ?? 0, pads[axis + kernel.length] ?? 0];
    const room = length + before + after - ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) - 1;
    const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return ceil && (count - 1) * stride >= length + before ? count - 1 : count;
  });
}

/** Where an element of the window at a position lies; outside the grid it lies in padding. */
export function placeOf(sliding: Sliding, position: readonly number[], tap: readonly number[]): number[] {
  const { strides = [], dilations = [], pads = [] } = sliding;
  return position.map(
    (start, axis) => start * (strides[axis] ?? 1) - (pads[axis] ?? 0) + (tap[axis] ?? 0) * (dilations[axis] ?? 1),
  );
}

export const isInside = (place: readonly number[], lengths: readonly number[]): boolean =>
  place.every((index, axis) => index >= 0 && index < (lengths[axis] ?? 0));

/** `[N, C, ...] * [O, C/group, ...kernel] + [O]`. */
export function convolve(x: Array64, w: Array64, bias: Array64 | undefined, sliding: Sliding, group = 1): Array64 {
  const [batch = 1, , ...lengths] = x.shape;
  const [outputs = 1, channels = 1, ...kernel] = w.shape;
  const taps = positionsOf(kernel);
  return fill([batch, outputs, ...slidingShape(lengths, sliding)], ([n = 0, o = 0, ...position]) => {
    const first = Math.floor(o / (outputs / group)) * channels;
    let sum = bias?.data[o] ?? 0;
    for (const tap of taps) {
      const place = placeOf(sliding, position, tap);
      if (!isInside(place, lengths)) continue;
      for (let c = 0; c < channels; c++) sum += at(x, [n, first + c, ...place]) * at(w, [o, c, ...tap]);
    }
    return sum;
  });
}

/** `[N, C, ...] * [C, O/group, ...kernel] + [O]`: every element is multiplied into its window of the output. */
export function convolveTransposed(
  x: Array64,
  w: Array64,
  bias: Array64 | undefined,
  { sliding, lengths, group = 1 }: { sliding: Sliding; lengths: readonly number[]; group?: number },
): Array64 {
  const [batch = 1, inputs = 1, ...small] = x.shape;
  const [, each = 1, ...kernel] = w.shape;
  const [taps, starts] = [positionsOf(kernel), positionsOf(small)];
  const y = fill([batch, each * group, ...lengths], ([, o = 0]) => bias?.data[o] ?? 0);
  const size = lengths.reduce((product, length) => product * length, 1);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < inputs; c++)
      for (const start of starts)
        for (const tap of taps) {
          const place = placeOf(sliding, start, tap);
          if (!isInside(place, lengths)) continue;
          const offset = place.reduce((sum, index, axis) => sum * (lengths[axis] ?? 1) + index, 0);
          const first = Math.floor(c / (inputs / group)) * each;
          for (let o = 0; o < each; o++) {
            const index = (n * each * group + first + o) * size + offset;
            y.data[index] = (y.data[index] ?? 0) + at(x, [n, c, ...start]) * at(w, [c, o, ...tap]);
          }
        }
  return y;
}

/** `[N, C, ...]`: what `combine` makes of the elements in each window, and of how many the stated grid has there. */
export function pool(
  x: Array64,
  sliding: Sliding,
  combine: (elements: readonly number[], counted: number) => number,
): Array64 {
  const [batch = 1, channels = 1, ...lengths] = x.shape;
  const taps = positionsOf(sliding.kernel);
  const { pads = [], kernel } = sliding;
  return fill([batch, channels, ...slidingShape(lengths, sliding)], ([n = 0, c = 0, ...position]) => {
    const places = taps.map((tap) => placeOf(sliding, position, tap));
    const elements = places.filter((place) => isInside(place, lengths)).map((place) => at(x, [n, c, ...place]));
    const stated = places.filter((place) =>
      place.every(
        (index, axis) =>
          index >= -(pads[axis] ?? 0) && index < (lengths[axis] ?? 0) + (pads[axis + kernel.length] ?? 0),
      ),
    );
    return combine(elements, stated.length);
  });
}
