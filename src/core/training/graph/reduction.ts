import type { Attribute } from '../../model/model';
import type { GraphBuilder } from './builder';
import type { Term } from './term';

export interface ReductionOptions {
  /** Reduced dimensions stay, with length 1. Default: true. */
  readonly keep?: boolean;
}

export type Reduction = (build: GraphBuilder, term: Term, axes?: readonly number[], options?: ReductionOptions) => Term;

/** The operator set from which axes are an input; before it they are an attribute. */
const AXES_ARE_INPUT = {
  ...{ ReduceSum: 13, ReduceMean: 18, ReduceMax: 18, ReduceMin: 18 },
  ...{ ReduceL1: 18, ReduceL2: 18, ReduceProd: 18 },
};

function reduction(opType: keyof typeof AXES_ARE_INPUT): Reduction {
  return (build, term, axes = term.shape.map((_, axis) => axis), { keep = true } = {}) => {
    if (axes.length === 0) return term;
    const reduced = new Set(axes);
    const shape = term.shape.flatMap((length, axis) => (!reduced.has(axis) ? [length] : keep ? [1] : []));
    const keepdims: Attribute = { kind: 'int', value: keep ? 1 : 0 };
    return build.opset >= AXES_ARE_INPUT[opType]
      ? build.one(opType, [term, build.integers(axes)], { dtype: term.dtype, shape }, { keepdims })
      : build.one(opType, [term], { dtype: term.dtype, shape }, { keepdims, axes: { kind: 'ints', value: axes } });
  };
}

/** Over `axes`; default: all. */
export const reduceSum = reduction('ReduceSum');
export const reduceMean = reduction('ReduceMean');
export const reduceMax = reduction('ReduceMax');
export const reduceMin = reduction('ReduceMin');
export const reduceL1 = reduction('ReduceL1');
export const reduceL2 = reduction('ReduceL2');
export const reduceProd = reduction('ReduceProd');
