import { zip, type Array64 } from '../../reference/array';
import { affine, meanSquare, normalized, reduced, shaped, sum } from '../../reference/reduction';
import { float, int } from '../attributes';
import type { GradientCase } from '../case';

const EPSILON = 1e-5;
const SHAPE = [2, 3, 4];

const from = (axis: number): number[] => SHAPE.flatMap((_, each) => (each >= (axis + 3) % 3 ? [each] : []));
const normalizedShape = (axis: number): number[] => SHAPE.slice((axis + 3) % 3);

const layer = (axis: number, withBias: boolean, epsilon = EPSILON): GradientCase => ({
  title: `from axis ${axis}, ${withBias ? 'with' : 'without'} bias, epsilon ${epsilon}`,
  ...{ opType: 'LayerNormalization', opsets: [17, 18, 21] },
  attributes: { axis: int(axis), epsilon: float(epsilon) },
  inputs: [
    { shape: SHAPE, from: -1, to: 3 },
    { shape: normalizedShape(axis), from: 0.3, to: 2 },
    ...(withBias ? [{ shape: normalizedShape(axis) }] : []),
  ],
  reference: ([x, scale, bias]) => (x && scale ? [affine(normalized(x, from(axis), epsilon), scale, bias)] : []),
});

const rootMeanSquare = (axis: number): GradientCase => ({
  ...{ title: `from axis ${axis}`, opType: 'RMSNormalization', opsets: [23] },
  attributes: { axis: int(axis) },
  inputs: [
    { shape: SHAPE, from: -1, to: 3 },
    { shape: normalizedShape(axis), from: 0.3, to: 2 },
  ],
  reference: ([x, scale]) => {
    if (!x || !scale) return [];
    const size = reduced(x, from(axis), meanSquare);
    return [
      affine(
        zip(x, size, (value, square) => value / Math.sqrt(square + EPSILON)),
        scale,
      ),
    ];
  },
});

/** `groups` groups of channels; `scales` is how many scales and biases there are. */
function grouped(x: Array64, groups: number, scale: Array64, bias: Array64): Array64 {
  const [batch = 1, channels = 1] = x.shape;
  const area = x.data.length / (batch * channels);
  const values = normalized(shaped(x, [batch, groups, (channels / groups) * area]), [2], EPSILON);
  const scales = scale.data.length;
  const parts = shaped(values, [batch, scales, (channels / scales) * area]);
  return shaped(affine(parts, shaped(scale, [1, scales, 1]), shaped(bias, [1, scales, 1])), x.shape);
}

const groups = (
  title: string,
  opType: string,
  shape: readonly number[],
  [count, scales]: readonly [number, number],
  opsets: readonly number[],
): GradientCase => ({
  ...{ title, opType, opsets, attributes: opType === 'GroupNormalization' ? { num_groups: int(count) } : {} },
  inputs: [{ shape, from: -1, to: 3 }, { shape: [scales], from: 0.3, to: 2 }, { shape: [scales] }],
  reference: ([x, scale, bias]) => (x && scale && bias ? [grouped(x, count, scale, bias)] : []),
});

const unitLength = (axis: number, p: 1 | 2): GradientCase => ({
  ...{ title: `over axis ${axis}, p ${p}`, opType: 'LpNormalization', opsets: [13, 18, 21] },
  ...{ attributes: { axis: int(axis), p: int(p) }, inputs: [{ shape: SHAPE, corners: [0] }] },
  reference: ([x]) => {
    if (!x) return [];
    const size = reduced(x, [(axis + 3) % 3], (values) =>
      p === 1 ? sum(values.map(Math.abs)) : Math.sqrt(sum(values.map((value) => value * value))),
    );
    return [zip(x, size, (value, norm) => value / norm)];
  },
});

export const NORMALIZATION_CASES: readonly GradientCase[] = [
  layer(-1, true),
  layer(-1, false),
  layer(1, true, 0.1),
  layer(0, true),
  rootMeanSquare(-1),
  rootMeanSquare(1),
  groups('of images', 'InstanceNormalization', [2, 3, 4, 2], [3, 3], [13, 18, 21]),
  groups('of sequences', 'InstanceNormalization', [2, 3, 5], [3, 3], [13, 18, 21]),
  groups('with a scale a channel', 'GroupNormalization', [2, 4, 3, 2], [2, 4], [21, 22]),
  groups('with a scale a group', 'GroupNormalization', [2, 4, 3, 2], [2, 2], [18, 20]),
  groups('of one group', 'GroupNormalization', [2, 4, 3], [1, 4], [21]),
  unitLength(-1, 2),
  unitLength(0, 2),
  unitLength(1, 1),
];
