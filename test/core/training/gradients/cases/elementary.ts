import { map } from '../../reference/array';
import { erf } from '../../reference/functions';
import type { CaseInput, GradientCase } from '../case';

/** A function of one variable, on a tensor and on a scalar. */
function cases(opType: string, value: (x: number) => number, input: Partial<CaseInput> = {}): GradientCase[] {
  const shapes: readonly [string, readonly number[]][] = [
    ['element by element', [2, 3, 4]],
    ['of a scalar', []],
  ];
  return shapes.map(([title, shape]) => ({
    ...{ title, opType, inputs: [{ shape, from: -2, to: 2, ...input }] },
    reference: ([x]) => (x ? [map(x, value)] : []),
  }));
}

const positive = { from: 0.1, to: 3 };
const steps = { corners: [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2] };

/** To even where it is halfway, but no case comes so near. */
const round = (x: number): number => Math.round(x);

export const ELEMENTARY_CASES: readonly GradientCase[] = [
  ...cases('Neg', (x) => -x),
  ...cases('Abs', Math.abs, { corners: [0] }),
  ...cases('Sqrt', Math.sqrt, positive),
  ...cases('Exp', Math.exp),
  ...cases('Log', Math.log, positive),
  ...cases('Reciprocal', (x) => 1 / x, positive),
  ...cases('Erf', erf),
  ...cases('Sin', Math.sin),
  ...cases('Cos', Math.cos),
  ...cases('Tan', Math.tan, { from: -1.2, to: 1.2 }),
  ...cases('Asin', Math.asin, { from: -0.9, to: 0.9 }),
  ...cases('Acos', Math.acos, { from: -0.9, to: 0.9 }),
  ...cases('Atan', Math.atan),
  ...cases('Floor', Math.floor, steps),
  ...cases('Ceil', Math.ceil, steps),
  ...cases('Round', round, steps),
  ...cases('Sign', Math.sign, steps),
];
