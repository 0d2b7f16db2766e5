import type { Model, Node } from '../../../../model/model';
import { FreshNames } from '../../../graph/fresh-names';
import { newNode } from '../../../graph/new-nodes';

/** `x * HardSigmoid(x)` with these: ONNX's definition of `HardSwish`. */
const ALPHA = 1 / 6;
const BETA = 0.5;

/** Writes `HardSwish` as what it is defined as: both parts work on 8 bits, and a runtime in float computes no other. */
export function hardSwishAsProducts(model: Model): Model {
  const names = new FreshNames(model.graph);
  const nodes = model.graph.nodes.flatMap((node) => (isHardSwish(node) ? product(node, names) : [node]));
  return nodes.length === model.graph.nodes.length ? model : { ...model, graph: { ...model.graph, nodes } };
}

function isHardSwish(node: Node): boolean {
  return node.opType === 'HardSwish' && node.domain === '';
}

function product(node: Node, names: FreshNames): Node[] {
  const [input = ''] = node.inputs;
  const gate = names.numbered('h');
  return [
    newNode('HardSigmoid', [input], [gate], {
      alpha: { kind: 'float', value: Math.fround(ALPHA) },
      beta: { kind: 'float', value: BETA },
    }),
    { ...node, opType: 'Mul', inputs: [input, gate] },
  ];
}
