import type { Extent } from './extent';
import { add, multiply, subtract } from './extent';
import type { Facts } from './facts';
import { facts, UNKNOWN, unknownShape } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';
import { reach, windowedLength, windowOf } from './sliding-window';

/** `[N, C, ...] * [M, C/group, ...kernel] -> [N, M, ...]`. */
function convolved(call: OperatorCall, input: Facts, weight: Facts): readonly Extent[] | null {
  const { shape } = input;
  if (shape === null || shape.length < 3) return null;
  const space = shape.length - 2;
  const kernel = call.ints('kernel_shape') ?? weight.shape?.slice(2);
  const window = kernel === undefined ? null : windowOf(call, space, kernel);
  const lengths =
    window === null ? unknownShape(space) : shape.slice(2).map((length, axis) => windowedLength(length, window, axis));
  return [shape[0] ?? null, weight.shape?.[0] ?? null, ...lengths];
}

const conv: ShapeRule = (call) => facts(call.input(0).dtype, convolved(call, call.input(0), call.input(1)));

const convInteger: ShapeRule = (call) => facts('int32', convolved(call, call.input(0), call.input(1)));

/** x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B */
const qLinearConv: ShapeRule = (call) =>
  facts(call.input(7).dtype ?? call.input(0).dtype, convolved(call, call.input(0), call.input(3)));

/** `[N, C, ...] * [C, M/group, ...kernel]`: `stride * (in - 1) + output_padding + reach - pad` along each axis. */
const convTranspose: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const weight = call.input(1).shape;
  if (shape === null || shape.length < 3) return { ...UNKNOWN, dtype };
  const space = shape.length - 2;
  const channels = multiply(weight?.[1] ?? null, call.int('group', 1));
  const kernel = call.ints('kernel_shape') ?? weight?.slice(2);
  const window = kernel === undefined ? null : windowOf(call, space, kernel);
  const stated = call.ints('output_shape');
  const extra = call.ints('output_padding');
  const lengths = shape.slice(2).map((length, axis): Extent => {
    if (stated?.length === space) return stated[axis] ?? null;
    if (window === null) return null;
    const stride = window.strides[axis] ?? 1;
    if (window.autoPad.startsWith('SAME')) return multiply(length, stride);
    const grown = add(multiply(subtract(length, 1), stride), add(reach(window, axis), extra?.[axis] ?? 0));
    return window.autoPad === 'VALID' ? grown : subtract(grown, window.padding[axis] ?? 0);
  });
  return facts(dtype, [shape[0] ?? null, channels, ...lengths]);
};

export const CONVOLUTION: Readonly<Record<string, ShapeRule>> = {
  Conv: conv,
  FusedConv: conv,
  ConvInteger: convInteger,
  QLinearConv: qLinearConv,
  ConvTranspose: convTranspose,
};
