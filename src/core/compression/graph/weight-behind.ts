import type { GraphIndex } from '../../analysis/graph-order';
import type { Weight } from '../../model/model';

/** The initializer that a value is: under its own name, or by `Identity`, as exporters name equal ones. */
export function weightBehind(value: string | undefined, { graph, producer }: GraphIndex): Weight | null {
  let name = value ?? '';
  for (let steps = 0; steps <= graph.nodes.length; steps++) {
    const weight = graph.weights.get(name);
    if (weight !== undefined) return weight;
    const node = producer.get(name);
    if (node?.opType !== 'Identity' || node.domain !== '') return null;
    name = node.inputs[0] ?? '';
  }
  return null;
}
