import { elementsOf } from '../model/model';
import type { Span } from './kernels';

/**
 * Which scale (or table) an element has. Rows of `width` elements follow each other; `block` rows share their scales,
 * and after `length` rows, one slice along the axis, a block ends even if it is not full. Where `width` is 1 neighbours
 * share a scale, otherwise each of a row has its own. After the last scale comes the first.
 */
export interface ScaleLayout {
  readonly scales: number;
  readonly width: number;
  readonly block: number;
  readonly length: number;
}

/**
 * `axis` null: one scale. `block` null: one for each index along the axis. Otherwise `block` neighbours along the axis
 * share one, the last block may be shorter, and scales are row-major in the shape of the blocks: `shape` with
 * `ceil(length / block)` in place of the axis' length.
 */
export function scaleLayout(shape: readonly number[], axis: number | null, block: number | null): ScaleLayout {
  const elements = Math.max(1, elementsOf(shape));
  if (axis === null) return { scales: 1, width: 1, block: elements, length: elements };
  const length = shape[axis] ?? 1;
  const inner = Math.max(1, elementsOf(shape.slice(axis + 1)));
  if (block !== null) {
    const blocks = shape.map((extent, dimension) => (dimension === axis ? Math.ceil(extent / block) : extent));
    return { scales: elementsOf(blocks), width: inner, block, length: Math.max(1, length) };
  }
  if (inner === 1) return { scales: length, width: Math.max(1, length), block: 1, length: 1 };
  return { scales: length, width: 1, block: inner, length: inner };
}

/** `parts` equal parts along the axis, each with a table of its own. The axis' length is a multiple of `parts`. */
export function partLayout(shape: readonly number[], axis: number | null, parts: number): ScaleLayout {
  if (axis === null || parts === 1) return scaleLayout(shape, null, null);
  const inner = Math.max(1, elementsOf(shape.slice(axis + 1)));
  const length = (shape[axis] ?? 1) * inner;
  return { scales: parts, width: 1, block: Math.max(1, length / parts), length: Math.max(1, length) };
}

/** Where an element lies: its row's first scale, its column, and how many rows its block and slice still have. */
export interface Place {
  readonly scale: number;
  readonly column: number;
  readonly blockLeft: number;
  readonly sliceLeft: number;
}

export function placeOf(layout: ScaleLayout, element: number): Place {
  const { scales, width, block, length } = layout;
  const row = Math.floor(element / width);
  const within = row % length;
  const blocks = Math.ceil(length / block);
  const group = Math.floor(row / length) * blocks + Math.floor(within / block);
  return {
    scale: (group * width) % scales,
    column: element % width,
    blockLeft: block - (within % block),
    sliceLeft: length - within,
  };
}

/** A part of a span, with the scales from `first` on that its elements have. */
export interface ScaledSpan {
  readonly span: Span;
  readonly first: number;
  readonly count: number;
}

/** Up to so many scales a chunk is done at once with all of them at hand (256 KiB); beyond, with those that it needs. */
const WHOLE_SCALES = 64 * 1024;

/** A span in parts whose scales follow each other. `bytesPerElement` is that of what the span holds. */
export function* scaledSpans(layout: ScaleLayout, span: Span, bytesPerElement: number): Generator<ScaledSpan> {
  if (layout.scales <= WHOLE_SCALES) {
    if (span.count > 0) yield { span, first: 0, count: layout.scales };
    return;
  }
  const cycle = elementsOfCycle(layout);
  for (let done = 0; done < span.count;) {
    const first = span.first + done;
    const count = Math.min(span.count - done, cycle - (first % cycle));
    const begin = placeOf(layout, first).scale;
    const end = placeOf(layout, first + count - 1).scale + layout.width;
    yield {
      span: { address: span.address + done * bytesPerElement, first, count },
      first: begin,
      count: end - begin,
    };
    done += count;
  }
}

/** True where elements further on have the scales of earlier ones again. */
export function repeats(layout: ScaleLayout, elements: number): boolean {
  return elementsOfCycle(layout) < elements;
}

/** Elements after which scales begin anew. */
function elementsOfCycle({ scales, width, block, length }: ScaleLayout): number {
  return ((scales / width) * (length * width)) / Math.ceil(length / block);
}
