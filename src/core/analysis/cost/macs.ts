import type { FunctionDefinition, Graph, Node } from '../../model/model';
import { subgraphsOf } from '../graph-order';
import type { Facts } from '../shapes/facts';
import type { Inference } from '../shapes/inference';
import { macRule } from './mac-rules';

/** What a rule of cost sees of a node. */
export interface CostCall {
  readonly node: Node;
  input(index: number): Facts;
  output(index: number): Facts;
}

/**
 * Multiply-accumulates of one node: products of linear algebra only; biases, activations, normalization and padding
 * are left out. 0 for operators without any, null where a dimension is not known.
 * Nodes that hold subgraphs cost what `graphMacs` says of these.
 */
export function nodeMacs(node: Node, graph: Graph, inference: Inference): number | null {
  if (isFunctionCall(node, inference)) return multiplies(node, inference, 0) ? null : 0;
  const rule = macRule(node.domain, node.opType);
  if (rule === undefined) return 0;
  const macs = rule({
    node,
    input: (index) => inference.factsOf(graph, node.inputs[index] ?? ''),
    output: (index) => inference.factsOf(graph, node.outputs[index] ?? ''),
  });
  return macs !== null && Number.isSafeInteger(macs) && macs >= 0 ? macs : null;
}

function isFunctionCall(node: Node, inference: Inference): boolean {
  return definitionOf(node, inference) !== undefined;
}

function definitionOf(node: Node, { model }: Inference): FunctionDefinition | undefined {
  return model.functions.find(({ domain, name }) => domain === node.domain && name === node.opType);
}

/** Functions inside functions that are looked into; deeper ones count as unknown. */
const MAX_CALL_DEPTH = 8;

/** True where a function holds products, which are not counted there; those that unpack weights hold none. */
function multiplies(call: Node, inference: Inference, depth: number): boolean {
  if (depth > MAX_CALL_DEPTH) return true;
  const nodes = definitionOf(call, inference)?.nodes ?? [];
  return nodes.some((node) =>
    isFunctionCall(node, inference)
      ? multiplies(node, inference, depth + 1)
      : macRule(node.domain, node.opType) !== undefined || subgraphsOf(node).length > 0,
  );
}

/** Multiply-accumulates of one run of a graph: of an `If`, its dearer branch; unknown for loops that hold any. */
export function graphMacs(graph: Graph, inference: Inference): number | null {
  if (!inference.reached(graph)) return null;
  let total = 0;
  for (const node of graph.nodes) {
    const own = nodeMacs(node, graph, inference);
    const inner = subgraphMacs(node, inference);
    if (own === null || inner === null) return null;
    total += own + inner;
  }
  return Number.isSafeInteger(total) ? total : null;
}

function subgraphMacs(node: Node, inference: Inference): number | null {
  const branches = subgraphsOf(node);
  if (branches.length === 0) return 0;
  const costs = branches.map((branch) => graphMacs(branch, inference));
  if (costs.every((cost) => cost === 0)) return 0;
  const known = costs.filter((cost) => cost !== null);
  return node.opType === 'If' && known.length === costs.length ? Math.max(...known) : null;
}
