import type { Attribute } from '../../../../../src/core/model/model';
import { convolve, convolveTransposed, type Sliding } from '../../reference/windows';
import type { GradientCase } from '../case';

const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
const int = (value: number): Attribute => ({ kind: 'int', value });
const text = (value: string): Attribute => ({ kind: 'string', value });

/** What the node states of a window. */
export function slidingAttributes({ kernel, strides, dilations, pads, ceil }: Sliding): Record<string, Attribute> {
  return {
    kernel_shape: ints(kernel),
    ...(strides ? { strides: ints(strides) } : {}),
    ...(dilations ? { dilations: ints(dilations) } : {}),
    ...(pads ? { pads: ints(pads) } : {}),
    ...(ceil ? { ceil_mode: int(1) } : {}),
  };
}

interface Setting {
  readonly title: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly group?: number;
  readonly bias?: boolean;
  readonly sliding?: Omit<Sliding, 'kernel'>;
  /** What the node states instead of the pads. */
  readonly autoPad?: string;
}

function conv({ title, x, w, group = 1, bias = false, sliding = {}, autoPad }: Setting): GradientCase {
  const window: Sliding = { ...sliding, kernel: w.slice(2) };
  const { pads, ...stated } = slidingAttributes(window);
  return {
    ...{ title, opType: 'Conv' },
    inputs: [{ shape: x }, { shape: w }, ...(bias ? [{ shape: [w[0] ?? 1] }] : [])],
    attributes: {
      ...stated,
      ...(autoPad ? { auto_pad: text(autoPad) } : pads ? { pads } : {}),
      ...(group === 1 ? {} : { group: int(group) }),
    },
    reference: ([input, weight, b]) => (input && weight ? [convolve(input, weight, b, window, group)] : []),
  };
}

interface TransposedSetting extends Setting {
  /** Length of each axis of the output's space. */
  readonly lengths: readonly number[];
  /** `output_padding`, `output_shape`. */
  readonly stated?: Readonly<Record<string, Attribute>>;
}

function convTranspose(setting: TransposedSetting): GradientCase {
  const { title, x, w, group = 1, bias = false, sliding = {}, autoPad, lengths, stated = {} } = setting;
  const window: Sliding = { ...sliding, kernel: w.slice(2) };
  const { pads, ...rest } = slidingAttributes(window);
  const follows = autoPad !== undefined || 'output_shape' in stated;
  return {
    ...{ title, opType: 'ConvTranspose' },
    inputs: [{ shape: x }, { shape: w }, ...(bias ? [{ shape: [(w[1] ?? 1) * group] }] : [])],
    attributes: {
      ...rest,
      ...(autoPad ? { auto_pad: text(autoPad) } : {}),
      ...(pads && !follows ? { pads } : {}),
      ...(group === 1 ? {} : { group: int(group) }),
      ...stated,
    },
    reference: ([input, weight, b]) =>
      input && weight ? [convolveTransposed(input, weight, b, { sliding: window, lengths, group })] : [],
  };
}

const same3 = { pads: [1, 1, 1, 1] };

export const CONVOLUTION_CASES: readonly GradientCase[] = [
  conv({ title: '3x3', x: [2, 3, 5, 6], w: [4, 3, 3, 3] }),
  conv({ title: '3x3 with bias and padding', x: [2, 3, 5, 6], w: [4, 3, 3, 3], bias: true, sliding: same3 }),
  conv({ title: '1x1', x: [2, 3, 4, 5], w: [4, 3, 1, 1], bias: true }),
  conv({ title: '1x1 with stride', x: [2, 3, 5, 6], w: [4, 3, 1, 1], sliding: { strides: [2, 2] } }),
  conv({ title: '1x1 in groups', x: [2, 4, 3, 3], w: [6, 2, 1, 1], group: 2 }),
  conv({ title: 'of other length on each axis', x: [1, 2, 6, 7], w: [2, 2, 2, 5], sliding: { pads: [0, 2, 1, 1] } }),
  conv({
    ...{ title: 'with strides that leave elements over', x: [2, 2, 8, 8], w: [3, 2, 3, 3] },
    sliding: { strides: [2, 3] },
  }),
  conv({ title: 'with strides and padding', x: [2, 2, 8, 7], w: [3, 2, 3, 3], sliding: { ...same3, strides: [2, 2] } }),
  conv({
    ...{ title: 'with dilations', x: [2, 2, 8, 9], w: [3, 2, 3, 2] },
    sliding: { dilations: [2, 3], pads: [1, 0, 2, 1] },
  }),
  conv({
    ...{ title: 'with strides and dilations in groups', x: [2, 4, 9, 8], w: [6, 2, 3, 2], group: 2 },
    sliding: { strides: [2, 2], dilations: [2, 3], pads: [2, 1, 1, 0] },
  }),
  conv({ title: 'depthwise', x: [2, 4, 5, 5], w: [4, 1, 3, 3], group: 4, bias: true, sliding: same3 }),
  conv({
    ...{ title: 'depthwise with stride', x: [2, 4, 6, 7], w: [4, 1, 3, 3], group: 4 },
    sliding: { ...same3, strides: [2, 2] },
  }),
  conv({ title: 'depthwise, two filters a channel', x: [2, 3, 5, 5], w: [6, 1, 3, 3], group: 3, sliding: same3 }),
  conv({ title: 'over one axis', x: [2, 3, 9], w: [4, 3, 4], sliding: { strides: [2], pads: [2, 1] } }),
  conv({
    ...{ title: 'over three axes', x: [1, 2, 4, 5, 4], w: [2, 2, 3, 2, 2], bias: true },
    sliding: { strides: [1, 2, 1], dilations: [1, 1, 2], pads: [1, 0, 1, 1, 1, 0] },
  }),
  conv({
    ...{
      title: 'padded to the same size, the odd one behind',
      x: [2, 2, 6, 7],
      w: [3, 2, 3, 4],
      autoPad: 'SAME_UPPER',
    },
    sliding: { strides: [2, 2], pads: [0, 1, 1, 2] },
  }),
  conv({
    ...{ title: 'padded to the same size, the odd one in front', x: [2, 2, 6, 7], w: [3, 2, 3, 4] },
    ...{ autoPad: 'SAME_LOWER', sliding: { strides: [2, 2], pads: [1, 2, 0, 1] } },
  }),
  conv({ title: 'stated as without padding', x: [2, 2, 5, 5], w: [3, 2, 3, 3], autoPad: 'VALID' }),
  convTranspose({ title: '3x3', x: [2, 3, 4, 5], w: [3, 4, 3, 3], bias: true, lengths: [6, 7] }),
  convTranspose({
    ...{ title: 'with strides and output padding', x: [2, 3, 3, 4], w: [3, 2, 3, 3], lengths: [6, 9] },
    sliding: { strides: [2, 3], pads: [1, 1, 1, 2] },
    stated: { output_padding: ints([1, 0]) },
  }),
  convTranspose({
    ...{ title: 'in groups with dilations', x: [2, 4, 3, 4], w: [4, 2, 2, 3], group: 2, lengths: [7, 11] },
    sliding: { strides: [2, 2], dilations: [2, 2], pads: [0, 0, 0, 0] },
  }),
  convTranspose({
    ...{ title: 'to a stated shape', x: [2, 2, 3, 3], w: [2, 3, 4, 3], lengths: [7, 6] },
    sliding: { strides: [2, 2], pads: [1, 1, 0, 0] },
    stated: { output_shape: ints([7, 6]) },
  }),
  convTranspose({
    ...{ title: 'padded to the same size, the odd one behind', x: [2, 2, 3, 3], w: [2, 3, 3, 3], lengths: [6, 6] },
    ...{ autoPad: 'SAME_UPPER', sliding: { strides: [2, 2], pads: [0, 0, 1, 1] } },
  }),
  convTranspose({
    ...{ title: 'padded to the same size, the odd one in front', x: [2, 2, 3, 3], w: [2, 3, 3, 3], lengths: [6, 6] },
    ...{ autoPad: 'SAME_LOWER', sliding: { strides: [2, 2], pads: [1, 1, 0, 0] } },
  }),
  convTranspose({ title: 'over one axis', x: [2, 3, 5], w: [3, 2, 4], lengths: [12], sliding: { strides: [2] } }),
  convTranspose({ title: 'over three axes', x: [1, 2, 2, 3, 2], w: [2, 2, 2, 2, 3], lengths: [3, 4, 4] }),
];
