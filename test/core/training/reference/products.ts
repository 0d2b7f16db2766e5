import { at, fill, type Array64 } from './array';

/** NumPy's matrix product: vectors become a row on the left and a column on the right, batches broadcast. */
export function matMul(a: Array64, b: Array64): Array64 {
  const left = a.shape.length === 1 ? { ...a, shape: [1, ...a.shape] } : a;
  const right = b.shape.length === 1 ? { ...b, shape: [...b.shape, 1] } : b;
  const [lead, trail] = [left.shape.slice(0, -2), right.shape.slice(0, -2)];
  const rank = Math.max(lead.length, trail.length);
  const batch = Array.from({ length: rank }, (_, axis) =>
    Math.max(lead[axis - rank + lead.length] ?? 1, trail[axis - rank + trail.length] ?? 1),
  );
  const [rows, inner, columns] = [left.shape.at(-2) ?? 1, left.shape.at(-1) ?? 1, right.shape.at(-1) ?? 1];
  const product = fill([...batch, rows, columns], (position) => {
    const [outer, row, column] = [position.slice(0, -2), position.at(-2) ?? 0, position.at(-1) ?? 0];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += at(left, [...outer, row, k]) * at(right, [...outer, k, column]);
    return sum;
  });
  const shape = [...batch, ...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])];
  return { shape, data: product.data };
}

export function swapped(x: Array64): Array64 {
  const shape = [...x.shape.slice(0, -2), x.shape.at(-1) ?? 1, x.shape.at(-2) ?? 1];
  return fill(shape, (position) => at(x, [...position.slice(0, -2), position.at(-1) ?? 0, position.at(-2) ?? 0]));
}
