import type { Node } from '../../model/model';
import type { OperatorRule } from './rule';
import { ACTIVATIONS } from './rules/activations';
import { ARITHMETIC } from './rules/arithmetic';
import { BATCH_NORMALIZATION } from './rules/batch-normalization';
import { CONVERSION } from './rules/conversion';
import { CONVOLUTION } from './rules/convolution';
import { DEPTH_SPACE } from './rules/depth-space';
import { DROPOUT } from './rules/dropout';
import { EINSUM } from './rules/einsum';
import { ELEMENTARY } from './rules/elementary';
import { GATHERING } from './rules/gathering';
import { GELU } from './rules/gelu';
import { JOINING } from './rules/joining';
import { NORMALIZATION } from './rules/normalization';
import { PADDING } from './rules/padding';
import { POOLING } from './rules/pooling';
import { PRODUCTS } from './rules/products';
import { RECURRENT } from './rules/recurrent';
import { REDUCTIONS } from './rules/reductions';
import { REPETITION } from './rules/repetition';
import { RESHAPING } from './rules/reshaping';
import { RESIZE } from './rules/resize';
import { SELECTION } from './rules/selection';
import { SLICING } from './rules/slicing';
import { SOFTMAX } from './rules/softmax';
import { TRIANGULAR } from './rules/triangular';

/** One line a family of operators; keys are operator types, with their domain in front where it is not the standard's. */
const RULES: ReadonlyMap<string, OperatorRule> = new Map(
  [
    ACTIVATIONS,
    ARITHMETIC,
    BATCH_NORMALIZATION,
    CONVERSION,
    CONVOLUTION,
    DEPTH_SPACE,
    DROPOUT,
    EINSUM,
    ELEMENTARY,
    GATHERING,
    GELU,
    JOINING,
    NORMALIZATION,
    PADDING,
    POOLING,
    PRODUCTS,
    RECURRENT,
    REDUCTIONS,
    REPETITION,
    RESHAPING,
    RESIZE,
    SELECTION,
    SLICING,
    SOFTMAX,
    TRIANGULAR,
  ].flatMap((family) => Object.entries(family)),
);

/** Operators that can be differentiated, by type. */
export const DIFFERENTIABLE: readonly string[] = [...RULES.keys()];

/** The rule of a node's operator; undefined where it has none. */
export function ruleOf({ domain, opType }: Node): OperatorRule | undefined {
  return RULES.get(domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`);
}
