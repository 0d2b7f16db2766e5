import type { Extent } from './extent';
import { divideFloor } from './extent';
import { facts, UNKNOWN } from './facts';
import type { ShapeRule } from './operator-call';

/** com.microsoft Attention: input `[batch, seq, hidden]`, weights `[hidden, q + k + v]`. */
const attention: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const sizes = call.ints('qkv_hidden_sizes');
  const width: Extent = sizes?.[2] ?? divideFloor(call.input(1).shape?.[1] ?? null, 3);
  return [facts(dtype, shape === null ? null : [...shape.slice(0, -1), width])];
};

/** com.microsoft MultiHeadAttention and GroupQueryAttention: the output is like the query. */
const likeQuery: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  return [facts(dtype, shape?.length === 3 ? shape : null)];
};

/** Attention of operator set 23: Q, K, V of 4 dimensions, or of 3 with heads as attributes. */
const scaledDotProduct: ShapeRule = (call) => {
  const query = call.input(0);
  const value = call.input(2).shape;
  if (query.shape?.length === 4 && value?.length === 4) {
    return [facts(query.dtype, [...query.shape.slice(0, 3), value[3] ?? null])];
  }
  return [
    query.shape?.length === 3
      ? facts(query.dtype, [...query.shape.slice(0, 2), null])
      : { ...UNKNOWN, dtype: query.dtype },
  ];
};

export const ATTENTION: Readonly<Record<string, ShapeRule>> = { Attention: scaledDotProduct };

export const MICROSOFT_ATTENTION: Readonly<Record<string, ShapeRule>> = {
  Attention: attention,
  MultiHeadAttention: likeQuery,
  GroupQueryAttention: likeQuery,
};
