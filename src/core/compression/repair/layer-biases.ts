import type { Model, Node, Weight } from '../../model/model';
import { FreshNames } from '../graph/fresh-names';
import { float32Weight } from '../graph/new-weights';
import { outputsOf, type MatrixLayer } from './matrix-layers';

/**
 * The model with a bias of zeros for each of these layers that has none and can have one: `Conv` and `Gemm`. A product
 * of matrices would need a node of its own.
 */
export function withZeroBiases(model: Model, layers: readonly MatrixLayer[]): Model {
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const changed = new Map<Node, Node>();
  for (const { node, weight, matrix, bias, sharesBias } of layers) {
    if (bias !== null || sharesBias || node.opType === 'MatMul') continue;
    const made = zeroBias(names.like(biasName(weight.name)), outputsOf(matrix));
    weights.set(made.name, made);
    changed.set(node, { ...node, inputs: [node.inputs[0] ?? '', weight.name, made.name] });
  }
  if (changed.size === 0) return model;
  const nodes = model.graph.nodes.map((node) => changed.get(node) ?? node);
  return { ...model, graph: { ...model.graph, nodes, weights } };
}

function zeroBias(name: string, length: number): Weight {
  return float32Weight(name, [length], new Float32Array(length));
}

/** "conv1.bias" beside "conv1.weight". */
export function biasName(weightName: string): string {
  return weightName.endsWith('.weight') ? weightName.replace(/weight$/, 'bias') : `${weightName}_bias`;
}
