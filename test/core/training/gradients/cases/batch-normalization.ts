import { array, map, zip } from '../../reference/array';
import { affine, normalized, shaped } from '../../reference/reduction';
import { float } from '../attributes';
import type { CaseInput, GradientCase } from '../case';

const RUNNING_MEAN = [0.2, -0.1, 0.4];
const RUNNING_VARIANCE = [0.6, 1.3, 0.9];

const running = (values: readonly number[]): CaseInput => ({ shape: [3], values, constant: true });

const inputs = (shape: readonly number[]): CaseInput[] => [
  { shape, from: -1, to: 3 },
  { shape: [3], from: 0.3, to: 2 },
  { shape: [3] },
  running(RUNNING_MEAN),
  running(RUNNING_VARIANCE),
];

const perChannel = (shape: readonly number[]): number[] => shape.map((length, axis) => (axis === 1 ? length : 1));

function cases(title: string, shape: readonly number[], epsilon?: number): GradientCase[] {
  const axes = shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const channels = perChannel(shape);
  const common = {
    ...{ opType: 'BatchNormalization', inputs: inputs(shape), opsets: [13, 14, 15, 18, 21] },
    ...(epsilon === undefined ? {} : { attributes: { epsilon: float(epsilon) } }),
  };
  return [
    {
      ...{ ...common, title: `${title}, by the batch` },
      reference: ([x, scale, bias]) =>
        x && scale && bias
          ? [affine(normalized(x, axes, epsilon ?? 1e-5), shaped(scale, channels), shaped(bias, channels))]
          : [],
    },
    {
      ...{ ...common, title: `${title}, by running statistics`, mode: { normalization: 'frozen' } },
      reference: ([x, scale, bias]) => {
        if (!x || !scale || !bias) return [];
        const deviation = map(array(channels, RUNNING_VARIANCE), (value) => Math.sqrt(value + (epsilon ?? 1e-5)));
        const centered = zip(x, array(channels, RUNNING_MEAN), (value, middle) => value - middle);
        const values = zip(centered, deviation, (value, spread) => value / spread);
        return [affine(values, shaped(scale, channels), shaped(bias, channels))];
      },
    },
  ];
}

export const BATCH_NORMALIZATION_CASES: readonly GradientCase[] = [
  ...cases('of images', [4, 3, 5, 2]),
  ...cases('of images with a large epsilon', [2, 3, 3, 3], 0.1),
  ...cases('of sequences', [3, 3, 4]),
  ...cases('of volumes', [2, 3, 2, 2, 3]),
  ...cases('of rows', [6, 3]),
];
