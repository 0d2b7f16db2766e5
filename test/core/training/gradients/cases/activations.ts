import { map, zip } from '../../reference/array';
import { clamp, erf, sigmoid, softplus } from '../../reference/functions';
import { float, text } from '../attributes';
import type { CaseInput, GradientCase } from '../case';

function activation(
  opType: string,
  value: (x: number) => number,
  input: Partial<CaseInput> = {},
  rest: Partial<GradientCase> = {},
): GradientCase {
  return {
    ...{ title: 'element by element', opType, inputs: [{ shape: [2, 3, 4], from: -3, to: 3, ...input }] },
    reference: ([x]) => (x ? [map(x, value)] : []),
    ...rest,
  };
}

const away = { corners: [0] };
const withAlpha = (alpha: number): Partial<GradientCase> => ({
  ...{ title: `with an alpha of ${alpha}`, attributes: { alpha: float(alpha) } },
});

const exponential = (x: number, alpha: number, width = 1): number => (x > 0 ? x : alpha * Math.expm1(x / width));
const selu = (x: number, alpha: number, gamma: number): number => gamma * exponential(x, alpha);
const gelu = (x: number): number => (x * (1 + erf(x / Math.SQRT2))) / 2;
const geluByTanh = (x: number): number => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2;

const leaky = (title: string, shape: readonly number[]): GradientCase => ({
  ...{ title, opType: 'PRelu', inputs: [{ shape: [2, 3, 4], from: -3, to: 3, ...away }, { shape }] },
  reference: ([x, slope]) => (x && slope ? [zip(x, slope, (a, b) => (a > 0 ? a : a * b))] : []),
});

export const ACTIVATION_CASES: readonly GradientCase[] = [
  activation('Relu', (x) => Math.max(0, x), away),
  activation('Sigmoid', sigmoid),
  activation('Tanh', Math.tanh),
  activation('LeakyRelu', (x) => (x > 0 ? x : 0.01 * x), away),
  activation('LeakyRelu', (x) => (x > 0 ? x : 0.3 * x), away, withAlpha(0.3)),
  leaky('with a slope for all', [1]),
  leaky('with a slope a channel', [3, 1]),
  leaky('with a slope an element', [2, 3, 4]),
  activation('ThresholdedRelu', (x) => (x > 1 ? x : 0), { corners: [1] }),
  activation('ThresholdedRelu', (x) => (x > 0.5 ? x : 0), { corners: [0.5] }, withAlpha(0.5)),
  activation('Elu', (x) => exponential(x, 1), away),
  activation('Elu', (x) => exponential(x, 0.4), away, withAlpha(0.4)),
  activation('Selu', (x) => selu(x, 1.6732632423543772, 1.0507009873554805), away),
  activation('Selu', (x) => selu(x, 2, 0.5), away, {
    ...{ title: 'with constants of its own', attributes: { alpha: float(2), gamma: float(0.5) } },
  }),
  activation('Celu', (x) => exponential(x, 1), away),
  activation('Celu', (x) => exponential(x, 0.5, 0.5), away, withAlpha(0.5)),
  activation('HardSigmoid', (x) => clamp(0.2 * x + 0.5, 0, 1), { corners: [-2.5, 2.5] }),
  activation(
    'HardSigmoid',
    (x) => clamp(x / 6 + 0.4, 0, 1),
    { corners: [-2.4, 3.6], from: -4, to: 5 },
    { title: 'with constants of its own', attributes: { alpha: float(1 / 6), beta: float(0.4) } },
  ),
  activation(
    'HardSwish',
    (x) => x * clamp(x / 6 + 0.5, 0, 1),
    { corners: [-3, 3], from: -5, to: 5 },
    { opsets: [14, 17, 21] },
  ),
  activation('Softplus', softplus),
  activation('Softsign', (x) => x / (1 + Math.abs(x)), away),
  activation('Mish', (x) => x * Math.tanh(softplus(x)), {}, { opsets: [18, 21] }),
  activation('Gelu', gelu, {}, { opsets: [20, 21] }),
  activation(
    'Gelu',
    geluByTanh,
    {},
    {
      ...{ title: 'by tanh', attributes: { approximate: text('tanh') }, opsets: [20, 21] },
    },
  ),
  activation('Gelu', gelu, {}, { domain: 'com.microsoft' }),
  activation(
    'QuickGelu',
    (x) => x * sigmoid(1.702 * x),
    {},
    {
      ...{ domain: 'com.microsoft', attributes: { alpha: float(1.702) } },
    },
  ),
];
