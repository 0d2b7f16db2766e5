import { indexGraph } from '../analysis/graph-order';
import { elementsOf, type Model, type Node, type Weight } from '../model/model';

/** Inputs of a node that hold running statistics: the node itself gives their next values while it trains. */
const RUNNING_INPUTS: Readonly<Record<string, readonly number[]>> = { BatchNormalization: [3, 4] };
/** Inputs of a node that are bounds and not weights. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  ...{ Clip: [1, 2], Pad: [2], Resize: [1, 2], Pow: [1], Dropout: [1] },
  ...{ QuantizeLinear: [1, 2], DequantizeLinear: [1, 2] },
};

/** Which of a model's initializers learn, and which hold running statistics. */
export interface Trainable {
  readonly learned: readonly Weight[];
  readonly running: readonly Weight[];
}

/**
 * Initializers that training changes: float32 tensors that layers compute with. A single number (a constant of the
 * network: the root of a width, an epsilon) is none, except where it is an operator's own parameter.
 */
export function trainableWeights(model: Model): Trainable {
  const { consumers } = indexGraph(model.graph);
  const floats = [...model.graph.weights.values()].filter(({ dtype }) => dtype === 'float32');
  const uses = (weight: Weight): readonly Node[] => consumers.get(weight.name) ?? [];
  const reads = (table: typeof SETTINGS, node: Node, name: string): boolean =>
    table[node.opType]?.some((index) => node.inputs[index] === name) ?? false;
  const running = floats.filter((weight) => uses(weight).some((node) => reads(RUNNING_INPUTS, node, weight.name)));
  const learned = floats.filter((weight) => {
    const nodes = uses(weight);
    if (nodes.length === 0 || running.includes(weight) || elementsOf(weight.shape) === 0) return false;
    if (nodes.some((node) => reads(SETTINGS, node, weight.name))) return false;
    return elementsOf(weight.shape) > 1 || nodes.some((node) => isOwnParameter(node, weight.name));
  });
  return { learned, running };
}

/** Operators whose parameters may be a single number: a layer of one channel is a layer. */
const LAYERS = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'PRelu',
  'BatchNormalization',
  'InstanceNormalization',
]);

const isOwnParameter = ({ opType, inputs }: Node, name: string): boolean => LAYERS.has(opType) && inputs[0] !== name;
