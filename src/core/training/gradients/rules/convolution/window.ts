import { intsAttribute, stringAttribute } from '../../../../compression/graph/attributes';
import type { Attribute, Node } from '../../../../model/model';

/** A window that slides over the larger of two grids and gives the smaller, one number an axis of space. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Lengths of the grid that the window slides over. */
  readonly large: readonly number[];
  /** Positions of the window. */
  readonly small: readonly number[];
  /** Padding in front. */
  readonly before: readonly number[];
  /**
   * Padding behind that the last window really reaches: more than the node states where lengths are rounded up,
   * negative where elements at the end belong to no window.
   */
  readonly after: readonly number[];
}

const SAME_LOWER = 'SAME_LOWER';

/** Elements that a dilated kernel spans. */
export const reachOf = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** Window of a Conv or a pooling node, whose input is the large grid and whose output is the small one. */
export function windowOf(
  node: Node,
  kernel: readonly number[],
  large: readonly number[],
  small: readonly number[],
): Window {
  const { strides, dilations } = steps(node, kernel.length);
  const pads = intsAttribute(node, 'pads');
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const before = kernel.map((length, axis) => {
    if (autoPad === 'VALID') return 0;
    if (!autoPad.startsWith('SAME')) return pads?.[axis] ?? 0;
    const total = Math.max(0, spanned(small, strides, dilations, length, axis) - at(large, axis));
    return autoPad === SAME_LOWER ? Math.ceil(total / 2) : Math.floor(total / 2);
  });
  return withExactEnd({ kernel, strides, dilations, large, small, before });
}

/**
 * Window of a ConvTranspose, whose output is the large grid. Padding that follows from `output_shape` or SAME is split
 * as the operator says: the odd one behind for SAME_UPPER, else in front.
 */
export function transposedWindowOf(
  node: Node,
  kernel: readonly number[],
  large: readonly number[],
  small: readonly number[],
): Window {
  const { strides, dilations } = steps(node, kernel.length);
  const pads = intsAttribute(node, 'pads');
  const extra = intsAttribute(node, 'output_padding');
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const follows = intsAttribute(node, 'output_shape') !== null || autoPad.startsWith('SAME');
  const before = kernel.map((length, axis) => {
    if (!follows) return autoPad === 'VALID' ? 0 : (pads?.[axis] ?? 0);
    const grown = spanned(small, strides, dilations, length, axis) + at(extra ?? [], axis);
    const total = Math.max(0, grown - at(large, axis));
    return autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
  });
  return withExactEnd({ kernel, strides, dilations, large, small, before });
}

function steps(node: Node, rank: number): { strides: readonly number[]; dilations: readonly number[] } {
  const ones = new Array<number>(rank).fill(1);
  return { strides: intsAttribute(node, 'strides') ?? ones, dilations: intsAttribute(node, 'dilations') ?? ones };
}

function withExactEnd(window: Omit<Window, 'after'>): Window {
  const { kernel, strides, dilations, large, small, before } = window;
  const after = kernel.map(
    (length, axis) => spanned(small, strides, dilations, length, axis) - at(large, axis) - at(before, axis),
  );
  return { ...window, after };
}

/** Elements from the first window's begin to the last one's end. */
function spanned(
  small: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  kernel: number,
  axis: number,
): number {
  return (at(small, axis) - 1) * (strides[axis] ?? 1) + reachOf(kernel, dilations[axis] ?? 1);
}

const at = (numbers: readonly number[], axis: number): number => numbers[axis] ?? 0;

/** Whether every element of the large grid is one window: kernel 1, stride 1, nothing around. */
export function isPointwise({ kernel, strides, before, after }: Window): boolean {
  return kernel.every((length) => length === 1) && strides.every((stride) => stride === 1) && !isPadded(before, after);
}

const isPadded = (before: readonly number[], after: readonly number[]): boolean =>
  before.some((length) => length !== 0) || after.some((length) => length !== 0);

/** What a Conv over the large grid states, once elements behind the last window are cut off. */
export function convolutionAttributes(window: Window, group: number): Record<string, Attribute> {
  const { strides, dilations, before, after } = window;
  return {
    strides: { kind: 'ints', value: strides },
    dilations: { kind: 'ints', value: dilations },
    pads: { kind: 'ints', value: [...before, ...after.map((length) => Math.max(0, length))] },
    group: { kind: 'int', value: group },
  };
}
