import type { Node } from '../../model/model';
import type { OperatorRule } from './rule';
import { ACTIVATIONS } from './rules/activations';
import { ARITHMETIC } from './rules/arithmetic';
import { BATCH_NORMALIZATION } from './rules/batch-normalization';
import { ELEMENTARY } from './rules/elementary';
import { GELU } from './rules/gelu';
import { CONVOLUTION } from './rules/convolution';
import { POOLING } from './rules/pooling';
import { NORMALIZATION } from './rules/normalization';
import { PRODUCTS } from './rules/products';
import { REDUCTIONS } from './rules/reductions';
import { RESHAPING } from './rules/reshaping';
import { SELECTION } from './rules/selection';
import { SOFTMAX } from './rules/softmax';

/** One line a family of operators; keys are operator types, with their domain in front where it is not the standard's. */
const RULES: ReadonlyMap<string, OperatorRule> = new Map(
  [
    ACTIVATIONS,
    ARITHMETIC,
    BATCH_NORMALIZATION,
    CONVOLUTION,
    ELEMENTARY,
    GELU,
    NORMALIZATION,
    POOLING,
    PRODUCTS,
    REDUCTIONS,
    RESHAPING,
    SELECTION,
    SOFTMAX,
  ].flatMap((family) => Object.entries(family)),
);

/** Operators that can be differentiated, by type. */
export const DIFFERENTIABLE: readonly string[] = [...RULES.keys()];

/** The rule of a node's operator; undefined where it has none. */
export function ruleOf({ domain, opType }: Node): OperatorRule | undefined {
  return RULES.get(domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`);
}
