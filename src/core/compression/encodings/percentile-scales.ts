import type { Kernels } from '../../kernels';
import type { Side } from '../../kernels/code-kernels';
import { scaledSpans, type ScaleLayout } from '../../kernels/scale-layout';
import { minmaxScales, scalesOfRanges, type ScaleFinder } from './affine-scales';
import type { RealValues } from './real-values';

/** Share of a scale's values that lie outside its range, those of largest magnitude. */
const CUT_SHARE = 0.001;

/**
 * Cuts `floor(n * 0.001)` of the n values that share a scale: those of largest magnitude where codes are symmetric, half
 * as many at each end where they are not. Scales of fewer than 1,000 values (2,000) keep their whole range.
 */
export const percentileScales: ScaleFinder = async (kernels, values, layout, format, signal) => {
  const sharing = Math.ceil(values.elements / layout.scales);
  const cut = Math.floor(sharing * (format.symmetric ? CUT_SHARE : CUT_SHARE / 2));
  if (cut === 0) return minmaxScales(kernels, values, layout, format, signal);
  const find = (side: Side) => outermost(kernels, values, layout, side, cut + 1, signal);
  if (format.symmetric) return scalesOfRanges({ lows: null, highs: await find('both') }, format);
  const highs = await find('high');
  const lows = (await find('low')).map((magnitude) => -magnitude);
  return scalesOfRanges({ lows, highs }, format);
};

/** The magnitude at a rank from outside, for each scale; 0 where there are not so many. */
async function outermost(
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  side: Side,
  rank: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  // All heaps together are a thousandth of the tensor.
  const heaps = kernels.take(layout.scales * rank * 4);
  try {
    heaps.bytes.fill(0);
    for await (const span of values.spans(signal)) {
      for (const part of scaledSpans(layout, span, 4)) {
        const address = heaps.address + part.first * rank * 4;
        kernels.codes.largest(part.span, layout, part.first, side, rank, address);
      }
    }
    const all = kernels.floats(heaps.address, layout.scales * rank);
    return Float32Array.from({ length: layout.scales }, (_, scale) => all[scale * rank] ?? 0);
  } finally {
    kernels.give(heaps);
  }
}
