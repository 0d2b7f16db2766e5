import type { Attribute } from '../../../../../src/core/model/model';
import { pool, type Sliding } from '../../reference/windows';
import type { GradientCase } from '../case';
import { slidingAttributes } from './convolution';

const int = (value: number): Attribute => ({ kind: 'int', value });
const text = (value: string): Attribute => ({ kind: 'string', value });

const largest = (elements: readonly number[]): number => Math.max(...elements);
const sum = (elements: readonly number[]): number => elements.reduce((total, value) => total + value, 0);
const mean = (elements: readonly number[]): number => sum(elements) / elements.length;
const meanWithPadding = (elements: readonly number[], counted: number): number => sum(elements) / counted;
const norm =
  (p: number) =>
  (elements: readonly number[]): number =>
    sum(elements.map((value) => Math.abs(value) ** p)) ** (1 / p);

type Combine = (elements: readonly number[], counted: number) => number;

function pooling(
  opType: string,
  title: string,
  x: readonly number[],
  sliding: Sliding,
  combine: Combine,
  rest: Partial<GradientCase> = {},
): GradientCase {
  const { pads, ...stated } = slidingAttributes(sliding);
  const padded: Record<string, Attribute> = pads && !rest.attributes?.['auto_pad'] ? { pads } : {};
  return {
    ...{ title, opType, inputs: [{ shape: x, corners: opType === 'LpPool' ? [0] : [] }] },
    reference: ([input]) => (input ? [pool(input, sliding, combine)] : []),
    ...rest,
    attributes: { ...stated, ...padded, ...rest.attributes },
  };
}

function globalPooling(opType: string, x: readonly number[], combine: Combine): GradientCase {
  return {
    ...{ title: `over ${x.length - 2} axes`, opType, inputs: [{ shape: x }] },
    reference: ([input]) => (input ? [pool(input, { kernel: x.slice(2) }, combine)] : []),
  };
}

const SETTINGS: readonly [title: string, x: readonly number[], sliding: Sliding][] = [
  ['2x2 side by side', [2, 3, 4, 6], { kernel: [2, 2], strides: [2, 2] }],
  ['with elements left over', [2, 3, 5, 7], { kernel: [2, 2], strides: [2, 2] }],
  ['with windows that overlap', [2, 2, 6, 5], { kernel: [3, 2] }],
  ['with strides and padding', [2, 2, 7, 6], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['with gaps between windows', [2, 2, 8, 7], { kernel: [2, 2], strides: [3, 4] }],
  ['with lengths rounded up', [2, 2, 6, 7], { kernel: [3, 2], strides: [2, 2], ceil: true }],
  [
    'with padding and lengths rounded up',
    [1, 2, 6, 7],
    { kernel: [3, 3], strides: [2, 3], pads: [1, 0, 1, 1], ceil: true },
  ],
  ['over one axis', [2, 3, 9], { kernel: [3], strides: [2], pads: [1, 0] }],
  ['over three axes', [1, 2, 4, 3, 5], { kernel: [2, 2, 3], strides: [2, 1, 2], pads: [0, 1, 1, 0, 0, 1] }],
];
const DILATED: (typeof SETTINGS)[number] = [
  'with dilations',
  [2, 2, 8, 7],
  { kernel: [3, 2], dilations: [2, 3], pads: [1, 1, 1, 1] },
];
const UPPER: Sliding = { kernel: [3, 2], strides: [2, 2], pads: [0, 0, 1, 1] };
const LOWER: Sliding = { kernel: [3, 2], strides: [2, 2], pads: [1, 1, 0, 0] };

/** Values of which many are the same. */
const TIES = [0, 0, 1, 1, 0, 0, 1, 1, 2, 1, 2, 1, 2, 2, 2, 2];
/** Beyond the step of central differences. */
const NEAR = 1e-4;
/** The runtime takes the first of equal elements. */
const firstOfLargest = (elements: readonly number[]): number =>
  elements.reduce((best, value) => (value > best + NEAR ? value : best));

export const POOLING_CASES: readonly GradientCase[] = [
  ...[...SETTINGS, DILATED].map(([title, x, sliding]) => pooling('MaxPool', title, x, sliding, largest)),
  pooling('MaxPool', 'padded to the same size', [1, 2, 6, 5], UPPER, largest, {
    attributes: { auto_pad: text('SAME_UPPER') },
  }),
  pooling('MaxPool', 'padded to the same size in front', [1, 2, 6, 5], LOWER, largest, {
    attributes: { auto_pad: text('SAME_LOWER') },
  }),
  pooling('MaxPool', 'of equal elements', [1, 1, 4, 4], { kernel: [2, 2], strides: [2, 2] }, firstOfLargest, {
    inputs: [{ shape: [1, 1, 4, 4], values: TIES }],
  }),
  pooling('MaxPool', 'of equal elements in windows that overlap', [1, 1, 4, 4], { kernel: [3, 2] }, firstOfLargest, {
    inputs: [{ shape: [1, 1, 4, 4], values: TIES }],
  }),
  ...SETTINGS.flatMap(([title, x, sliding]) => [
    pooling('AveragePool', title, x, sliding, mean),
    pooling('AveragePool', `${title}, padding counted`, x, sliding, meanWithPadding, {
      attributes: { count_include_pad: int(1) },
    }),
  ]),
  pooling('AveragePool', DILATED[0], DILATED[1], DILATED[2], mean, { opsets: [19, 21] }),
  ...SETTINGS.filter(([, , { ceil }]) => ceil !== true).flatMap(([title, x, sliding]) => [
    pooling('LpPool', title, x, sliding, norm(2)),
    pooling('LpPool', `${title}, norm 3`, x, sliding, norm(3), { attributes: { p: int(3) } }),
  ]),
  globalPooling('GlobalAveragePool', [2, 3, 4, 5], mean),
  globalPooling('GlobalAveragePool', [2, 3, 4], mean),
  globalPooling('GlobalMaxPool', [2, 3, 4, 5], largest),
  globalPooling('GlobalMaxPool', [2, 3, 2, 3, 2], largest),
  globalPooling('GlobalLpPool', [2, 3, 4, 5], norm(2)),
];
