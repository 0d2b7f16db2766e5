import { at, fill, map, type Array64 } from '../../reference/array';
import { int, integers, scalar, text } from '../attributes';
import type { CaseInput, GradientCase } from '../case';

const identity = (opType: string, title: string, rest: Partial<GradientCase> = {}): GradientCase => ({
  ...{ title, opType, inputs: [{ shape: [2, 3] }], reference: ([x]) => (x ? [map(x, (value) => value)] : []) },
  ...rest,
});

/** Each element of the result is one of the input's. */
const moved = (
  opType: string,
  title: string,
  [from, to]: readonly [readonly number[], readonly number[]],
  source: (position: readonly number[]) => number[],
  rest: Partial<GradientCase> = {},
): GradientCase => ({
  ...{ title, opType, inputs: [{ shape: from }] },
  reference: ([x]) => (x ? [fill(to, (position) => at(x, source(position)))] : []),
  ...rest,
});

const repeated = (opType: string, from: readonly number[], to: readonly number[], setting: CaseInput): GradientCase =>
  moved(
    opType,
    `from [${from.join(', ')}] to [${to.join(', ')}]`,
    [from, to],
    (position) => position.slice(position.length - from.length).map((each, axis) => each % (from[axis] ?? 1)),
    { inputs: [{ shape: from }, setting] },
  );

function cumulative(axis: number, exclusive: 0 | 1, reverse: 0 | 1): GradientCase {
  const shape = [2, 4, 3];
  const isCounted = (each: number, place: number): boolean => {
    const ahead = reverse === 1 ? each - place : place - each;
    return exclusive === 1 ? ahead > 0 : ahead >= 0;
  };
  const summed = (x: Array64, position: readonly number[]): number => {
    let sum = 0;
    for (let each = 0; each < (shape[axis] ?? 1); each++)
      if (isCounted(each, position[axis] ?? 0))
        sum += at(
          x,
          position.map((value, index) => (index === axis ? each : value)),
        );
    return sum;
  };
  return {
    ...{ title: `along ${axis}, exclusive ${exclusive}, reverse ${reverse}`, opType: 'CumSum', opsets: [13, 14, 21] },
    attributes: { exclusive: int(exclusive), reverse: int(reverse) },
    inputs: [{ shape }, integers([axis])],
    reference: ([x]) => (x ? [fill(shape, (position) => summed(x, position))] : []),
  };
}

const triangle = (upper: 0 | 1, diagonal: number | null): GradientCase => ({
  ...{ title: `upper ${upper}, diagonal ${diagonal ?? 'left out'}`, opType: 'Trilu', opsets: [14, 18, 21] },
  attributes: { upper: int(upper) },
  inputs: [{ shape: [2, 3, 4] }, ...(diagonal === null ? [] : [{ ...integers([diagonal]), shape: [] }])],
  reference: ([x]) =>
    x
      ? [
          fill(x.shape, (position) => {
            const across = (position[2] ?? 0) - (position[1] ?? 0) - (diagonal ?? 0);
            return (upper === 1 ? across >= 0 : across <= 0) ? at(x, position) : 0;
          }),
        ]
      : [],
});

const RANDOM = [0.1, 0.6, 0.3, 0.9, 0.25, 0.2];
const dropped = (title: string, ratio: number, rest: Partial<GradientCase>): GradientCase => ({
  ...{ title, opType: 'Dropout', inputs: [{ shape: [2, 3] }, scalar(ratio)], random: RANDOM, mode: { dropout: true } },
  reference: ([x]) =>
    x
      ? [
          {
            shape: x.shape,
            data: x.data.map((value, index) => ((RANDOM[index] ?? 0) >= ratio ? value / (1 - ratio) : 0)),
          },
        ]
      : [],
  ...rest,
});

export const REARRANGING_CASES: readonly GradientCase[] = [
  repeated('Expand', [3, 1], [2, 3, 4], integers([2, 1, 4])),
  repeated('Expand', [2, 3], [2, 3], integers([1])),
  repeated('Tile', [2, 3], [4, 9], integers([2, 3])),
  repeated('Tile', [2, 1, 3], [2, 4, 3], integers([1, 4, 1])),
  identity('Cast', 'to float32', { attributes: { to: int(1) } }),
  identity('CastLike', 'to float32', {
    ...{ inputs: [{ shape: [2, 3] }, { shape: [], constant: true }], opsets: [15, 18, 21] },
  }),
  identity('Dropout', 'that is off', { inputs: [{ shape: [2, 3] }, scalar(0.3)] }),
  dropped('of a quarter', 0.25, {}),
  dropped('of half, which is the default', 0.5, { inputs: [{ shape: [2, 3] }] }),
  ...([0, 1] as const).flatMap((exclusive) => ([0, 1] as const).map((reverse) => cumulative(1, exclusive, reverse))),
  cumulative(2, 0, 0),
  triangle(1, null),
  triangle(0, 1),
  triangle(1, -1),
  moved(
    'DepthToSpace',
    'by blocks of 2',
    [
      [1, 8, 2, 3],
      [1, 2, 4, 6],
    ],
    ([n = 0, c = 0, y = 0, x = 0]) => [n, ((y % 2) * 2 + (x % 2)) * 2 + c, Math.floor(y / 2), Math.floor(x / 2)],
    { attributes: { blocksize: int(2) } },
  ),
  moved(
    'DepthToSpace',
    'by blocks of 2, channels outermost',
    [
      [1, 8, 2, 3],
      [1, 2, 4, 6],
    ],
    ([n = 0, c = 0, y = 0, x = 0]) => [n, c * 4 + (y % 2) * 2 + (x % 2), Math.floor(y / 2), Math.floor(x / 2)],
    { attributes: { blocksize: int(2), mode: text('CRD') } },
  ),
  moved(
    'SpaceToDepth',
    'by blocks of 2',
    [
      [2, 3, 2, 4],
      [2, 12, 1, 2],
    ],
    ([n = 0, c = 0, y = 0, x = 0]) => [n, c % 3, y * 2 + Math.floor(c / 6), x * 2 + (Math.floor(c / 3) % 2)],
    { attributes: { blocksize: int(2) } },
  ),
];
