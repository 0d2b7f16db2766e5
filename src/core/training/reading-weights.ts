import type { Node } from '../model/model';
import type { Term } from './graph/term';
import type { TrainingTransform, TransformScope } from './transform';

/**
 * The part of a transform that writes something in place of weights: once a graph for each weight, whoever reads it.
 * @param write gives what is read, or null where the weight stays
 */
export function inPlaceOfWeights(
  write: (name: string, weight: Term, scope: TransformScope) => Term | null,
): TrainingTransform['operands'] {
  const written = new WeakMap<TransformScope, Map<string, Term | null>>();
  return (node: Node, inputs, scope) => {
    const known = written.get(scope) ?? new Map<string, Term | null>();
    written.set(scope, known);
    return node.inputs.map((name, index) => {
      const input = inputs[index];
      if (!input) return null;
      const found = known.has(name) ? known.get(name) : write(name, input, scope);
      known.set(name, found ?? null);
      return found ?? input;
    });
  };
}
