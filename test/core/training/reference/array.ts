/** Numbers in float64, row-major: what operators compute when nothing is rounded. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

export const array = (shape: readonly number[], values: ArrayLike<number>): Array64 => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, (_, index) => values[index] ?? 0),
});

/** The array whose element at each position is what `value` says. */
export function fill(shape: readonly number[], value: (position: readonly number[]) => number): Array64 {
  const data = new Float64Array(sizeOf(shape));
  const position = shape.map(() => 0);
  for (let index = 0; index < data.length; index++) {
    data[index] = value(position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis] = (position[axis] ?? 0) + 1;
      if ((position[axis] ?? 0) < (shape[axis] ?? 0)) break;
      position[axis] = 0;
    }
  }
  return { shape, data };
}

/** The element at a position; dimensions of 1 are repeated, missing ones in front are left out (broadcasting). */
export function at({ shape, data }: Array64, position: readonly number[]): number {
  const extra = position.length - shape.length;
  const index = shape.reduce(
    (sum, length, axis) => sum * length + (length === 1 ? 0 : (position[axis + extra] ?? 0)),
    0,
  );
  return data[index] ?? 0;
}

export function map(x: Array64, value: (x: number) => number): Array64 {
  return { shape: x.shape, data: x.data.map(value) };
}

/** Element by element, with NumPy's broadcasting. */
export function zip(a: Array64, b: Array64, value: (a: number, b: number) => number): Array64 {
  const rank = Math.max(a.shape.length, b.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [a.shape[axis - rank + a.shape.length] ?? 1, b.shape[axis - rank + b.shape.length] ?? 1];
    return left === 1 ? right : left;
  });
  return fill(shape, (position) => value(at(a, position), at(b, position)));
}
