import { at, fill, type Array64 } from '../../reference/array';
import { int, text } from '../attributes';
import type { CaseInput, GradientCase } from '../case';

const OPSETS = [13, 16, 18, 21];
const indices = (shape: readonly number[], values: readonly number[]): CaseInput => ({ shape, values, integers: true });
const wrapped = (index: number, length: number): number => (index < 0 ? index + length : index);

function gather(
  title: string,
  shape: readonly number[],
  axis: number,
  where: readonly number[],
  values: readonly number[],
): GradientCase {
  return {
    ...{ title, opType: 'Gather', opsets: OPSETS, attributes: { axis: int(axis) } },
    inputs: [{ shape }, indices(where, values)],
    reference: ([x, places]) => {
      if (!x || !places) return [];
      const from = wrapped(axis, shape.length);
      const result = [...shape.slice(0, from), ...where, ...shape.slice(from + 1)];
      return [
        fill(result, (position) => {
          const place = at(places, position.slice(from, from + where.length));
          const [before, after] = [position.slice(0, from), position.slice(from + where.length)];
          return at(x, [...before, wrapped(place, shape[from] ?? 1), ...after]);
        }),
      ];
    },
  };
}

/** The position in the data of an element of the indices. */
const along = (position: readonly number[], axis: number, places: Array64, length: number): number[] =>
  position.map((value, each) => (each === axis ? wrapped(at(places, position), length) : value));

const elements = (title: string, axis: number, where: readonly number[], values: readonly number[]): GradientCase => ({
  ...{ title, opType: 'GatherElements', opsets: OPSETS, attributes: { axis: int(axis) } },
  inputs: [{ shape: [3, 4] }, indices(where, values)],
  reference: ([x, places]) =>
    x && places
      ? [fill(where, (position) => at(x, along(position, wrapped(axis, 2), places, [3, 4][wrapped(axis, 2)] ?? 1)))]
      : [],
});

function rows(
  title: string,
  shape: readonly number[],
  batch: number,
  where: readonly number[],
  values: readonly number[],
): GradientCase {
  const depth = where.at(-1) ?? 1;
  return {
    ...{ title, opType: 'GatherND', opsets: OPSETS, attributes: { batch_dims: int(batch) } },
    inputs: [{ shape }, indices(where, values)],
    reference: ([x, places]) => {
      if (!x || !places) return [];
      const outer = where.slice(0, -1);
      return [
        fill([...outer, ...shape.slice(batch + depth)], (position) => {
          const row = position.slice(0, outer.length);
          const place = Array.from({ length: depth }, (_, index) =>
            wrapped(at(places, [...row, index]), shape[batch + index] ?? 1),
          );
          return at(x, [...row.slice(0, batch), ...place, ...position.slice(outer.length)]);
        }),
      ];
    },
  };
}

const flatIndex = (shape: readonly number[], position: readonly number[]): number =>
  shape.reduce((sum, length, axis) => sum * length + (position[axis] ?? 0), 0);

/** Each update at its place, written over what is there or added to it. */
function written(
  x: Array64,
  updates: Array64,
  place: (position: readonly number[]) => number[],
  isAdded: boolean,
): Array64 {
  const data = x.data.slice();
  fill(updates.shape, (position) => {
    const index = flatIndex(x.shape, place(position));
    data[index] = at(updates, position) + (isAdded ? (data[index] ?? 0) : 0);
    return 0;
  });
  return { shape: x.shape, data };
}

const scatter = (title: string, axis: number, isAdded: boolean, values: readonly number[]): GradientCase => ({
  ...{ title, opType: 'ScatterElements', opsets: isAdded ? [16, 18, 21] : OPSETS },
  attributes: { axis: int(axis), ...(isAdded ? { reduction: text('add') } : {}) },
  inputs: [{ shape: [3, 4] }, indices([2, 3], values), { shape: [2, 3] }],
  reference: ([x, places, updates]) =>
    x && places && updates
      ? [written(x, updates, (position) => along(position, axis, places, [3, 4][axis] ?? 1), isAdded)]
      : [],
});

const scatterRows = (title: string, isAdded: boolean, values: readonly number[]): GradientCase => ({
  ...{ title, opType: 'ScatterND', opsets: isAdded ? [16, 18, 21] : OPSETS },
  attributes: isAdded ? { reduction: text('add') } : {},
  inputs: [{ shape: [4, 3] }, indices([2, 1], values), { shape: [2, 3] }],
  reference: ([x, places, updates]) =>
    x && places && updates
      ? [written(x, updates, ([row = 0, column = 0]) => [wrapped(at(places, [row, 0]), 4), column], isAdded)]
      : [],
});

export const GATHERING_CASES: readonly GradientCase[] = [
  gather('of rows, some twice', [4, 3], 0, [5], [2, 0, 2, 3, 2]),
  gather('of rows counted from the end', [4, 3], 0, [2, 2], [-1, 0, -4, 1]),
  gather('along the last axis', [2, 4], -1, [3], [1, 1, 3]),
  gather('in the middle', [2, 4, 3], 1, [2, 2], [0, 3, 3, -2]),
  gather('of one row', [4, 3], 0, [], [2]),
  ...[1, -1].map((row): GradientCase => {
    const given = gather(`of one row that is known, ${row}`, [2, 3, 4], 1, [1], [row]);
    const [x, index] = given.inputs;
    return { ...given, inputs: [x ?? null, index ? { ...index, constant: true } : null] };
  }),
  elements('along the first axis', 0, [2, 4], [0, 2, 1, -1, 0, 0, 2, 2]),
  elements('along the last axis, of fewer rows', -1, [2, 3], [0, 3, 3, 1, -4, 2]),
  rows('of rows', [3, 4], 0, [2, 1], [2, -1]),
  rows('of elements, some twice', [3, 4], 0, [3, 2], [2, 1, 0, -1, 2, 1]),
  rows('in each batch', [2, 3, 4], 1, [2, 2, 1], [0, 2, 1, 1]),
  scatter('along the first axis', 0, false, [0, 1, 2, 2, 0, -2]),
  scatter('along the last axis', 1, false, [0, 3, 1, 2, -4, 1]),
  scatter('adding', 0, true, [0, 1, 2, 0, 1, 1]),
  scatterRows('of rows', false, [2, -4]),
  scatterRows('adding', true, [2, 2]),
];
