import type { Extent } from './extent';
import { add, divideCeil, divideFloor, multiply, subtract } from './extent';
import type { OperatorCall } from './operator-call';

/** Kernel, strides, dilations and pads of a convolution or pooling, one an axis of space. */
export interface Window {
  readonly kernel: readonly Extent[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Sum of the padding at both ends. */
  readonly padding: readonly number[];
  readonly autoPad: string;
}

/** The window of a node over `rank` axes of space; null when an attribute has another length or a stride is no length. */
export function windowOf(call: OperatorCall, rank: number, kernel: readonly Extent[]): Window | null {
  const strides = call.ints('strides') ?? new Array<number>(rank).fill(1);
  const dilations = call.ints('dilations') ?? new Array<number>(rank).fill(1);
  const pads = call.ints('pads') ?? new Array<number>(2 * rank).fill(0);
  const whole = [kernel, strides, dilations].every((list) => list.length === rank) && pads.length === 2 * rank;
  if (!whole || strides.some((stride) => stride < 1) || dilations.some((dilation) => dilation < 1)) return null;
  const padding = Array.from({ length: rank }, (_, axis) => (pads[axis] ?? 0) + (pads[axis + rank] ?? 0));
  return { kernel, strides, dilations, padding, autoPad: call.text('auto_pad', 'NOTSET') };
}

/**
 * Output length along one axis: `floor((in + pad - dilation * (kernel - 1) - 1) / stride) + 1`,
 * `ceil(in / stride)` for SAME padding (ONNX operator reference, Conv and MaxPool).
 */
export function windowedLength(input: Extent, window: Window, axis: number, ceilMode = false): Extent {
  const stride = window.strides[axis] ?? 1;
  if (window.autoPad.startsWith('SAME')) return divideCeil(input, stride);
  const padding = window.autoPad === 'VALID' ? 0 : (window.padding[axis] ?? 0);
  const span = reach(window, axis);
  const room = subtract(add(input, padding), span);
  if (!ceilMode) return add(divideFloor(room, stride), 1);
  return withoutEmptyLastWindow(add(divideCeil(room, stride), 1), input, window, axis);
}

/** Elements that a dilated kernel spans: `dilation * (kernel - 1) + 1`. */
export function reach(window: Window, axis: number): Extent {
  return add(multiply(subtract(window.kernel[axis] ?? null, 1), window.dilations[axis] ?? 1), 1);
}

/** With `ceil_mode`, a last window that would begin in the right padding is left out. */
function withoutEmptyLastWindow(length: Extent, input: Extent, window: Window, axis: number): Extent {
  if (typeof length !== 'number' || typeof input !== 'number') return length;
  const left = (window.padding[axis] ?? 0) / 2;
  const stride = window.strides[axis] ?? 1;
  return (length - 1) * stride >= input + Math.floor(left) ? length - 1 : length;
}
