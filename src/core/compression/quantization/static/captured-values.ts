import { indexGraph, subgraphsOf, type GraphIndex } from '../../../analysis/graph-order';
import type { Graph, Node } from '../../../model/model';
import { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';

/** Operators past which ONNX Runtime moves a `DequantizeLinear` that stands before them. */
const PASSED: ReadonlySet<string> = new Set(['MaxPool', 'Reshape', 'Slice', 'Squeeze', 'Transpose', 'Unsqueeze']);

/**
 * A graph that ONNX Runtime can load where branches and loops read 8-bit values from outside. It moves
 * `DequantizeLinear` past reordering operators up to the next node; where that is an `If` or a `Loop` which reads the
 * value from outside, it looks for it among the node's own inputs, beyond their end, and ends the process (1.30, 1.32).
 * A node that hands such a value on unchanged stops it.
 */
export function guardCaptured(graph: Graph): Graph {
  const index = indexGraph(graph);
  const guarded = new Set(
    graph.nodes.flatMap((node) => capturedBy(node, index)).filter((name) => isMoved(name, index)),
  );
  if (guarded.size === 0) return graph;
  const names = new FreshNames(graph);
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const [output = ''] = node.outputs;
    if (!guarded.has(output)) return [node];
    const before = names.numbered('g');
    return [{ ...node, outputs: [before, ...node.outputs.slice(1)] }, handOn(before, output)];
  });
  return { ...graph, nodes };
}

/** No runtime takes it away, as it does with `Identity` and sums with zero. */
function handOn(from: string, to: string): Node {
  return newNode('LeakyRelu', [from], [to], { alpha: { kind: 'float', value: 1 } });
}

/** Values that a node's subgraphs read from its graph. */
function capturedBy(node: Node, { consumers, producer }: GraphIndex): string[] {
  if (subgraphsOf(node).length === 0) return [];
  return [...producer.keys()].filter((name) => consumers.get(name)?.includes(node) === true);
}

/** True for what reordering operators alone make of a value that comes from codes. */
function isMoved(name: string, { producer }: GraphIndex): boolean {
  const passed = new Set<Node>();
  let maker = producer.get(name);
  while (maker !== undefined && !passed.has(maker) && (PASSED.has(maker.opType) || maker.opType === 'Identity')) {
    passed.add(maker);
    maker = producer.get(maker.inputs[0] ?? '');
  }
  return maker?.opType === 'DequantizeLinear' && passed.size > 0;
}
