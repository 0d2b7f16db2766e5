import type { Extent } from '../shapes/extent';
import { divideFloor, multiply, product } from '../shapes/extent';
import type { Facts } from '../shapes/facts';
import { matMulShape } from '../shapes/matrix-product';
import type { CostCall } from './macs';

/** Multiply-accumulates of one node; null where a needed length is not known. */
type MacRule = (call: CostCall) => number | null;

function asNumber(extent: Extent): number | null {
  return typeof extent === 'number' ? extent : null;
}

function elements({ shape }: Facts): Extent {
  return shape === null ? null : product(shape);
}

function int(call: CostCall, name: string, fallback: number): number {
  const attribute = call.node.attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : fallback;
}

/** `|y| * C_in / group * kernel`: the weight is `[M, C_in / group, ...kernel]`. */
function convolution(weight: number): MacRule {
  return (call) => {
    const shape = call.input(weight).shape;
    return shape === null ? null : asNumber(multiply(elements(call.output(0)), product(shape.slice(1))));
  };
}

/** Every input position meets the whole kernel: `|x| * C_out / group * kernel`; the weight is `[C_in, C_out / group, ...kernel]`. */
const transposedConvolution: MacRule = (call) => {
  const shape = call.input(1).shape;
  return shape === null ? null : asNumber(multiply(elements(call.input(0)), product(shape.slice(1))));
};

/** `|y| * inner`. */
function matrixProduct(weight: number): MacRule {
  return (call) => {
    const result = matMulShape(call.input(0).shape, call.input(weight).shape);
    return result === null ? null : asNumber(multiply(product(result.shape), result.inner));
  };
}

/** com.microsoft FusedMatMul: the output is known, the inner length is A's, transposed or not. */
const fusedMatrixProduct: MacRule = (call) => {
  const inner = call.input(0).shape?.at(int(call, 'transA', 0) === 0 ? -1 : -2) ?? null;
  return asNumber(multiply(elements(call.output(0)), inner));
};

function gemm(weight: number): MacRule {
  return (call) => {
    const inner = call.input(weight).shape?.[int(call, 'transB', 0) === 0 ? 0 : 1] ?? null;
    return asNumber(multiply(elements(call.output(0)), inner));
  };
}

const packedMatrixProduct: MacRule = (call) => asNumber(multiply(elements(call.output(0)), int(call, 'K', -1)));

/** W `[directions, gates * hidden, input]` and R `[directions, gates * hidden, hidden]` meet every step of every sample. */
const recurrent: MacRule = (call) => {
  const steps = product(call.input(0).shape?.slice(0, 2) ?? [null]);
  const input = multiply(steps, elements(call.input(1)));
  const hidden = multiply(steps, elements(call.input(2)));
  return typeof input === 'number' && typeof hidden === 'number' ? input + hidden : null;
};

/** Every index of the equation runs once for a product of two tensors. */
const einsum: MacRule = (call) => {
  const attribute = call.node.attributes.get('equation');
  const equation = attribute?.kind === 'string' ? attribute.value.replace(/\s/g, '') : '';
  const terms = equation.split('->')[0]?.split(',') ?? [];
  if (/[^a-zA-Z,>-]/.test(equation) || terms.length !== 2) return terms.length === 1 && equation !== '' ? 0 : null;
  const lengths = new Map<string, Extent>();
  for (const [index, term] of terms.entries()) {
    const { shape } = call.input(index);
    if (shape?.length !== term.length) return null;
    [...term].forEach((letter, axis) => lengths.set(letter, shape[axis] ?? null));
  }
  return asNumber(product([...lengths.values()]));
};

/** Attention of operator set 23: `Q K^T` and the product with V; queries `[batch, heads, q, d]`. */
const scaledDotProduct: MacRule = (call) => {
  const [query, key, value] = [0, 1, 2].map((index) => call.input(index).shape);
  if (query?.length !== 4 || key?.length !== 4 || value?.length !== 4) return null;
  const pairs = product([...query.slice(0, 3), key[2] ?? null]);
  return asNumber(multiply(pairs, sum(query[3] ?? null, value[3] ?? null)));
};

/** com.microsoft Attention: projection `[seq, hidden] x [hidden, 3 * width]`, then both products over the sequence. */
const fusedAttention: MacRule = (call) => {
  const { shape } = call.input(0);
  const weight = call.input(1).shape;
  if (shape?.length !== 3 || weight?.length !== 2 || call.node.attributes.has('qkv_hidden_sizes')) return null;
  const rows = product(shape.slice(0, 2));
  const width = divideFloor(weight[1] ?? null, 3);
  return asNumber(sum(multiply(rows, product(weight)), product([rows, shape[1] ?? null, width, 2])));
};

/** com.microsoft MultiHeadAttention: query, key, value `[batch, seq, width]`, projected before. */
const multiHeadAttention: MacRule = (call) => {
  const [query, key, value] = [0, 1, 2].map((index) => call.input(index).shape);
  if (query?.length !== 3 || key?.length !== 3 || value?.length !== 3) return null;
  const pairs = product([query[0] ?? null, query[1] ?? null, key[1] ?? null]);
  return asNumber(multiply(pairs, sum(query[2] ?? null, value[2] ?? null)));
};

function sum(left: Extent, right: Extent): Extent {
  return typeof left === 'number' && typeof right === 'number' ? left + right : null;
}

/** Figures of these depend on what no rule here knows; a wrong 0 would be worse than unknown. */
const unknown: MacRule = () => null;

/** A new operator is one rule and one line. */
const RULES: ReadonlyMap<string, MacRule> = new Map([
  ['Conv', convolution(1)],
  ['FusedConv', convolution(1)],
  ['ConvInteger', convolution(1)],
  ['QLinearConv', convolution(3)],
  ['DeformConv', convolution(1)],
  ['ConvTranspose', transposedConvolution],
  ['MatMul', matrixProduct(1)],
  ['MatMulInteger', matrixProduct(1)],
  ['MatMulIntegerToFloat', matrixProduct(1)],
  ['DynamicQuantizeMatMul', matrixProduct(1)],
  ['QLinearMatMul', matrixProduct(3)],
  ['FusedMatMul', fusedMatrixProduct],
  ['MatMulNBits', packedMatrixProduct],
  ['Gemm', gemm(1)],
  ['FusedGemm', gemm(1)],
  ['QGemm', gemm(3)],
  ['LSTM', recurrent],
  ['GRU', recurrent],
  ['RNN', recurrent],
  ['DynamicQuantizeLSTM', recurrent],
  ['Einsum', einsum],
  ['Attention', scaledDotProduct],
]);

const MICROSOFT_RULES: ReadonlyMap<string, MacRule> = new Map([
  ['Attention', fusedAttention],
  ['MultiHeadAttention', multiHeadAttention],
  ['GroupQueryAttention', unknown],
  ['QAttention', unknown],
]);

const STANDARD_DOMAINS: ReadonlySet<string> = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'com.microsoft',
  'com.microsoft.nchwc',
]);

/** The rule of an operator; undefined where it multiplies nothing. Operators of foreign domains are unknown. */
export function macRule(domain: string, opType: string): MacRule | undefined {
  if (!STANDARD_DOMAINS.has(domain)) return unknown;
  return (domain.startsWith('com.microsoft') ? MICROSOFT_RULES.get(opType) : undefined) ?? RULES.get(opType);
}
