import type { DType } from '../../model/dtype';
import { broadcastShapes } from './broadcast';
import type { Extent } from './extent';
import type { Facts } from './facts';
import { facts } from './facts';
import type { OperatorCall, ShapeRule } from './operator-call';

/** NumPy's `matmul`: batch dimensions broadcast, a vector gains and loses a dimension of 1. Null when a rank is unknown. */
export function matMulShape(
  left: readonly Extent[] | null,
  right: readonly Extent[] | null,
): { shape: Extent[]; inner: Extent } | null {
  if (left === null || right === null || left.length === 0 || right.length === 0) return null;
  const rows = left.length === 1 ? [] : left.slice(-2, -1);
  const columns = right.length === 1 ? [] : right.slice(-1);
  const batch = broadcastShapes([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === null) return null;
  const inner = typeof left.at(-1) === 'number' ? left.at(-1) : right.at(right.length === 1 ? -1 : -2);
  return { shape: [...batch, ...rows, ...columns], inner: inner ?? null };
}

function product(dtype: DType | null, left: Facts, right: Facts): Facts {
  return facts(dtype, matMulShape(left.shape, right.shape)?.shape ?? null);
}

/** Inputs of a Gemm as (rows, inner, columns); null when a rank is not 2. */
function gemmExtents(call: OperatorCall, weightIndex: number): [Extent, Extent, Extent] | null {
  const left = call.input(0).shape;
  const right = call.input(weightIndex).shape;
  if (left === null || right?.length !== 2) return null;
  const [first, second] = call.int('transA', 0) === 0 ? left : [left[1], left[0]];
  const [third, fourth] = call.int('transB', 0) === 0 ? right : [right[1], right[0]];
  const inner = typeof third === 'number' ? third : second;
  return left.length === 2 ? [first ?? null, inner ?? null, fourth ?? null] : null;
}

function gemm(weightIndex: number, dtypeOf: (call: OperatorCall) => DType | null): ShapeRule {
  return (call) => {
    const extents = gemmExtents(call, weightIndex);
    return facts(dtypeOf(call), extents === null ? null : [extents[0], extents[2]]);
  };
}

/** com.microsoft: A `[..., K]`, weight packed; K and N are attributes. */
const matMulNBits: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  return facts(dtype, shape === null ? null : [...shape.slice(0, -1), call.int('N', -1)]);
};

/** com.microsoft: A, B, a_scale, b_scale, a_zero_point, b_zero_point, bias */
const matMulIntegerToFloat: ShapeRule = (call) => product(call.input(2).dtype, call.input(0), call.input(1));

const einsum: ShapeRule = (call) => facts(call.input(0).dtype, einsumShape(call));

/** Only the explicit form without ellipsis: "bij,bjk->bik". */
function einsumShape(call: OperatorCall): Extent[] | null {
  const [terms, output] = call.text('equation', '').replace(/\s/g, '').split('->');
  if (terms === undefined || output === undefined || /[^a-zA-Z,]/.test(terms + output)) return null;
  const lengths = new Map<string, Extent>();
  for (const [index, term] of terms.split(',').entries()) {
    const { shape } = call.input(index);
    if (shape?.length !== term.length) return null;
    [...term].forEach((letter, axis) => lengths.set(letter, lengths.get(letter) ?? shape[axis] ?? null));
  }
  return [...output].map((letter) => lengths.get(letter) ?? null);
}

export const MATRIX_PRODUCT: Readonly<Record<string, ShapeRule>> = {
  MatMul: (call) => product(call.input(0).dtype, call.input(0), call.input(1)),
  FusedMatMul: (call) => {
    const swapped = (input: Facts, attribute: string): Facts =>
      call.int(attribute, 0) === 0 || input.shape === null || input.shape.length < 2
        ? input
        : facts(input.dtype, [...input.shape.slice(0, -2), input.shape.at(-1) ?? null, input.shape.at(-2) ?? null]);
    return product(call.input(0).dtype, swapped(call.input(0), 'transA'), swapped(call.input(1), 'transB'));
  },
  MatMulInteger: (call) => product('int32', call.input(0), call.input(1)),
  QLinearMatMul: (call) => product(call.input(7).dtype, call.input(0), call.input(3)),
  DynamicQuantizeMatMul: (call) => product(call.input(0).dtype, call.input(0), call.input(1)),
  MatMulIntegerToFloat: matMulIntegerToFloat,
  MatMulNBits: matMulNBits,
  Gemm: gemm(1, (call) => call.input(0).dtype),
  FusedGemm: gemm(1, (call) => call.input(0).dtype),
  QGemm: gemm(3, (call) => (call.has(8) ? call.input(8).dtype : 'float32')),
  Einsum: einsum,
};
