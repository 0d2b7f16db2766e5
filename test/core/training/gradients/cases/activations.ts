import { map } from '../../reference/array';
import type { CaseInput, GradientCase } from '../case';

function activation(opType: string, value: (x: number) => number, input: Partial<CaseInput> = {}): GradientCase {
  return {
    ...{ title: 'element by element', opType, inputs: [{ shape: [2, 3, 4], from: -3, to: 3, ...input }] },
    reference: ([x]) => (x ? [map(x, value)] : []),
  };
}

export const ACTIVATION_CASES: readonly GradientCase[] = [
  activation('Relu', (x) => Math.max(0, x), { corners: [0] }),
  activation('Sigmoid', (x) => 1 / (1 + Math.exp(-x))),
  activation('Tanh', Math.tanh),
];
