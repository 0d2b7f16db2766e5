import { indexGraph, subgraphsOf, type GraphIndex } from '../../../../analysis/graph-order';
import type { Model, Node } from '../../../../model/model';
import { tidy } from '../../../graph/tidy';

/**
 * Removes nodes that hand their input on unchanged: `Identity`, and `Dropout` as it is in inference. Those whose output
 * is a graph output, or is read inside a subgraph, stay.
 */
export function dropPassThrough(model: Model): Model {
  const index = indexGraph(model.graph);
  const replaced = new Map<string, string>();
  const gone = new Set<Node>();
  for (const node of index.order) {
    const input = node.inputs[0] ?? '';
    const output = node.outputs[0] ?? '';
    if (input === '' || !handsOn(node, index) || !readPlainly(output, index)) continue;
    replaced.set(output, replaced.get(input) ?? input);
    gone.add(node);
  }
  if (gone.size === 0) return model;
  const nodes = model.graph.nodes
    .filter((node) => !gone.has(node))
    .map((node) => ({ ...node, inputs: node.inputs.map((name) => replaced.get(name) ?? name) }));
  return { ...model, graph: tidy({ ...model.graph, nodes }) };
}

function handsOn(node: Node, index: GraphIndex): boolean {
  if (node.domain !== '') return false;
  if (node.opType === 'Identity') return true;
  // A third input may switch training on.
  if (node.opType !== 'Dropout' || (node.inputs[2] ?? '') !== '') return false;
  const mask = node.outputs[1] ?? '';
  return mask === '' || (!index.consumers.has(mask) && !index.outputNames.has(mask));
}

function readPlainly(name: string, index: GraphIndex): boolean {
  if (name === '' || index.outputNames.has(name)) return false;
  return (index.consumers.get(name) ?? []).every((node) => subgraphsOf(node).length === 0);
}
