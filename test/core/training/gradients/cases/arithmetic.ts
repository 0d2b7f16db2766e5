import { zip } from '../../reference/array';
import type { CaseInput, GradientCase } from '../case';

const away = { corners: [0] };

/** An operator on two inputs in the shapes in which they meet. */
function pairs(
  opType: string,
  value: (a: number, b: number) => number,
  left: Partial<CaseInput> = {},
  right: Partial<CaseInput> = {},
): GradientCase[] {
  const shapes: readonly [string, readonly number[], readonly number[]][] = [
    ['of the same shape', [2, 3], [2, 3]],
    ['with a scalar', [2, 3], []],
    ['with a row', [2, 3, 4], [4]],
    ['broadcast both ways', [3, 1, 2], [1, 4, 1]],
  ];
  return shapes.map(([title, a, b]) => ({
    ...{
      title,
      opType,
      inputs: [
        { shape: a, ...left },
        { shape: b, ...right },
      ],
    },
    reference: ([x, y]) => (x && y ? [zip(x, y, value)] : []),
  }));
}

export const ARITHMETIC_CASES: readonly GradientCase[] = [
  ...pairs('Add', (a, b) => a + b),
  ...pairs('Sub', (a, b) => a - b),
  ...pairs('Mul', (a, b) => a * b),
  ...pairs('Div', (a, b) => a / b, {}, { ...away, from: -2, to: 2 }),
  ...pairs('Pow', (a, b) => a ** b, { from: 0.2, to: 2 }, { from: -2, to: 2 }),
  {
    ...{
      title: 'by a constant',
      opType: 'Pow',
      inputs: [{ shape: [2, 3] }, { shape: [], values: [3], constant: true }],
    },
    reference: ([x, y]) => (x && y ? [zip(x, y, (a, b) => a ** b)] : []),
  },
  {
    ...{ title: 'of three', opType: 'Sum', inputs: [{ shape: [2, 3] }, { shape: [3] }, { shape: [2, 1] }] },
    reference: ([x, y, z]) =>
      x && y && z
        ? [
            zip(
              zip(x, y, (a, b) => a + b),
              z,
              (a, b) => a + b,
            ),
          ]
        : [],
  },
];
