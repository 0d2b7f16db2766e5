import type { Attribute } from '../../../../../src/core/model/model';
import { resizeAxis, type Resizing } from '../../reference/resize';
import { integers, text } from '../attributes';
import type { GradientCase } from '../case';

function resize(
  from: readonly number[],
  to: readonly number[],
  resizing: Resizing,
  by: 'scales' | 'sizes' = 'sizes',
): GradientCase {
  const { mode, coordinates, rounding } = resizing;
  const scales = to.map((length, axis) => length / (from[axis] ?? 1));
  const attributes: Record<string, Attribute> = { mode: text(mode), coordinate_transformation_mode: text(coordinates) };
  return {
    title: `${mode}, ${coordinates}, ${rounding ?? ''} [${from.join(', ')}] to [${to.join(', ')}] by ${by}`,
    ...{ opType: 'Resize', attributes: rounding ? { ...attributes, nearest_mode: text(rounding) } : attributes },
    inputs: [
      { shape: from },
      null,
      ...(by === 'sizes' ? [null, integers(to)] : [{ shape: [from.length], values: scales, constant: true }]),
    ],
    reference: ([x]) =>
      x
        ? [to.reduce((all, length, axis) => (length === from[axis] ? all : resizeAxis(all, axis, length, resizing)), x)]
        : [],
  };
}

const IMAGE = [1, 2, 4, 5];
const LARGER = [1, 2, 8, 10];

export const RESIZE_CASES: readonly GradientCase[] = [
  resize(IMAGE, LARGER, { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor' }, 'scales'),
  resize(IMAGE, [1, 2, 2, 10], { mode: 'nearest', coordinates: 'asymmetric', rounding: 'floor' }),
  resize(IMAGE, [1, 2, 7, 3], { mode: 'nearest', coordinates: 'half_pixel' }),
  resize(IMAGE, LARGER, { mode: 'nearest', coordinates: 'half_pixel', rounding: 'round_prefer_ceil' }, 'scales'),
  resize(IMAGE, [1, 2, 6, 5], { mode: 'nearest', coordinates: 'asymmetric', rounding: 'ceil' }),
  resize(IMAGE, LARGER, { mode: 'linear', coordinates: 'half_pixel' }, 'scales'),
  resize(IMAGE, [1, 2, 3, 7], { mode: 'linear', coordinates: 'pytorch_half_pixel' }),
  resize(IMAGE, [1, 2, 8, 1], { mode: 'linear', coordinates: 'pytorch_half_pixel' }),
  resize(IMAGE, [1, 2, 9, 7], { mode: 'linear', coordinates: 'align_corners' }),
  resize(IMAGE, LARGER, { mode: 'linear', coordinates: 'asymmetric' }, 'scales'),
  resize([2, 3, 5], [2, 3, 10], { mode: 'linear', coordinates: 'half_pixel' }, 'scales'),
  resize(IMAGE, LARGER, { mode: 'cubic', coordinates: 'half_pixel' }, 'scales'),
  resize(IMAGE, [1, 2, 7, 6], { mode: 'cubic', coordinates: 'align_corners' }),
];
