import type { KernelExports } from './exports';
import type { Span } from './kernels';
import { placeOf, type ScaleLayout } from './scale-layout';

/** Counts cross as int32: longer spans are passed in pieces. */
const LARGEST_COUNT = 2 ** 30;

/**
 * Starts the kernels' walk over scales, and calls with the address that the walk begins at: once a span, or more often
 * where counts do not fit int32. `first`: the number of the scale that lies at the kernels' addresses.
 */
export function eachPart(
  exports: KernelExports,
  span: Span,
  layout: ScaleLayout,
  first: number,
  bytesPerElement: number,
  call: (input: number, done: number) => void,
): void {
  for (let done = 0; done < span.count; done += LARGEST_COUNT) {
    const count = Math.min(LARGEST_COUNT, span.count - done);
    startWalk(exports, layout, span.first + done, count, first);
    call(span.address + done * bytesPerElement, done);
  }
}

function startWalk(exports: KernelExports, layout: ScaleLayout, element: number, count: number, first: number): void {
  const place = placeOf(layout, element);
  exports.startWalk(
    count,
    layout.width,
    clamped(layout.block),
    clamped(layout.length),
    place.column,
    clamped(place.blockLeft),
    clamped(place.sliceLeft),
    place.scale - first,
    layout.scales - first,
  );
}

/** A call ends before so many elements are done, so that a longer stretch is as good as this one. */
function clamped(count: number): number {
  return Math.min(count, LARGEST_COUNT);
}
