import { map, zip, type Array64 } from '../../reference/array';
import { clamp } from '../../reference/functions';
import { scalar } from '../attributes';
import type { CaseInput, GradientCase } from '../case';

const between = (from: number, to: number): CaseInput => ({ shape: [2, 3, 4], from, to });

function extreme(opType: string, choose: (a: number, b: number) => number): GradientCase[] {
  const settings: readonly [string, readonly (readonly number[])[]][] = [
    ['of one', [[2, 3]]],
    [
      'of two',
      [
        [2, 3],
        [2, 3],
      ],
    ],
    ['with a scalar', [[2, 3], []]],
    [
      'broadcast both ways',
      [
        [3, 1, 2],
        [1, 4, 1],
      ],
    ],
    ['of three', [[2, 3], [3], [2, 1]]],
  ];
  return settings.map(([title, shapes]) => ({
    ...{ title, opType, inputs: shapes.map((shape) => ({ shape })) },
    reference: ([first, ...rest]) => (first ? [rest.reduce((all, each) => zip(all, each, choose), first)] : []),
  }));
}

const choice = (title: string, condition: number[][], shape: number[], a: number[], b: number[]): GradientCase => ({
  ...{ title, opType: 'Where' },
  inputs: [{ shape, values: condition.flat(), booleans: true }, { shape: a }, { shape: b }],
  reference: ([which, yes, no]) => {
    if (!which || !yes || !no) return [];
    const taken = zip(which, yes, (flag, value) => (flag === 1 ? value : 0));
    return [
      zip(
        taken,
        zip(which, no, (flag, value) => (flag === 1 ? 0 : value)),
        (left, right) => left + right,
      ),
    ];
  },
});

const clipped = (title: string, inputs: (CaseInput | null)[], low = -Infinity, high = Infinity): GradientCase => ({
  ...{ title, opType: 'Clip', inputs: [{ ...between(-2, 2), corners: [low, high] }, ...inputs] },
  reference: ([x]) => (x ? [map(x, (value) => clamp(value, low, high))] : []),
});

/** Bounds that are values of the graph; a learned bound is one. */
const learned = (bounds: readonly [CaseInput | null, CaseInput | null], title: string): GradientCase => ({
  ...{ title, opType: 'Clip', inputs: [{ ...between(-2, 2), corners: [-1, 0.7] }, ...bounds] },
  reference: ([x, low, high]) => {
    const number = (array: Array64 | undefined, fallback: number): number => array?.data[0] ?? fallback;
    return x ? [map(x, (value) => clamp(value, number(low, -Infinity), number(high, Infinity)))] : [];
  },
});

export const SELECTION_CASES: readonly GradientCase[] = [
  ...extreme('Max', Math.max),
  ...extreme('Min', Math.min),
  choice(
    'of the same shape',
    [
      [1, 0, 1],
      [0, 0, 1],
    ],
    [2, 3],
    [2, 3],
    [2, 3],
  ),
  choice('broadcast three ways', [[1], [0]], [2, 1], [3], [1, 1]),
  choice(
    'of scalars',
    [
      [1, 0, 1],
      [0, 0, 1],
    ],
    [2, 3],
    [],
    [],
  ),
  clipped('without bounds', []),
  clipped('from below', [scalar(-0.5)], -0.5),
  clipped('from above', [null, scalar(0.5)], -Infinity, 0.5),
  clipped('from both sides', [scalar(-1), scalar(0.7)], -1, 0.7),
  learned(
    [
      { shape: [], values: [-1] },
      { shape: [], values: [0.7] },
    ],
    'between learned bounds',
  ),
  learned([null, { shape: [], values: [0.7] }], 'to a learned bound'),
  learned(
    [
      { shape: [], values: [0.7] },
      { shape: [], values: [-1] },
    ],
    'between bounds that contradict each other',
  ),
];
