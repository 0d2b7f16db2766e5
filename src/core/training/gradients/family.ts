import type { Node } from '../../model/model';
import type { GraphBuilder } from '../graph/builder';
import type { Term } from '../graph/term';
import type { GradientRule, OperatorRule } from './rule';

/** Rules by operator type, as the table takes them. */
export type RuleFamily = Readonly<Record<string, OperatorRule>>;

export const rule = (gradient: GradientRule): OperatorRule => ({ gradient });

/**
 * A function of one input, element by element.
 * @param slope writes the gradient of the input, given that of the output (`dy`), the input (`x`), the output (`y`) and
 *   the node, for its attributes
 */
export function elementwise(slope: (build: GraphBuilder, values: ElementValues) => Term): OperatorRule {
  return rule(({ build, node, inputs: [x], outputs: [y], gradients: [dy] }) => [
    x && y && dy ? slope(build, { dy, x, y, node }) : null,
  ]);
}

export interface ElementValues {
  readonly dy: Term;
  readonly x: Term;
  readonly y: Term;
  readonly node: Node;
}

/**
 * A function of two inputs that broadcast, element by element. Each side is written only where it is wanted.
 */
export function pairwise(
  left: (build: GraphBuilder, values: PairValues) => Term,
  right: (build: GraphBuilder, values: PairValues) => Term,
): OperatorRule {
  return rule(({ build, inputs: [a, b], outputs: [y], gradients: [dy], wanted }) => {
    if (!a || !b || !y || !dy) return [];
    const values = { a, b, y, dy };
    return [wanted[0] ? left(build, values) : null, wanted[1] ? right(build, values) : null];
  });
}

export interface PairValues {
  readonly a: Term;
  readonly b: Term;
  readonly y: Term;
  readonly dy: Term;
}
