import { indexGraph } from '../../analysis/graph-order';
import { foldedModel } from '../../compression/folding/batch-normalization';
import { FreshNames } from '../../compression/graph/fresh-names';
import { float32Weight } from '../../compression/graph/new-weights';
import { openWeights } from '../../formats/weight-reader';
import type { Model, Weight } from '../../model/model';
import { withTrainedWeights, type VariableValues } from '../evaluation-model';
import { awareForm } from './aware-transform';
import { learnedQuantization, type LearnedQuantization } from './learned-weights';
import type { AwareModel } from './prepare-aware';

/** The float model that computes with what was learned, weights and biases on their grids. */
export interface LearnedModel extends LearnedQuantization {
  readonly model: Model;
}

/** Inputs of a layer. */
const WEIGHT = 1;
const BIAS = 2;

/**
 * A model without the normalizations that layers take in, with the numbers that training and evaluating compute: they
 * are not folded once more, which would round otherwise.
 */
export async function learnedModel(aware: AwareModel, values: VariableValues): Promise<LearnedModel> {
  const form = awareForm(aware.model, aware.plan);
  const learned = await learnedQuantization(form, aware.plan, values);
  const onGrid = new Map(values);
  for (const [name, { values: quantized }] of learned.weights) onGrid.set(name, quantized);
  const trained = withTrainedWeights(aware.model, onGrid);
  return {
    ...learned,
    model: form === aware.model ? withLayers(trained, learned) : await folded(trained, learned),
  };
}

async function folded(trained: Model, learned: LearnedQuantization): Promise<Model> {
  const reader = await openWeights(trained);
  try {
    return withLayers((await foldedModel(trained, reader)).model, learned);
  } finally {
    await reader.close();
  }
}

/** Layers with the weights and biases that they have learned to compute with. */
function withLayers(model: Model, { layers }: LearnedQuantization): Model {
  const weights = new Map(model.graph.weights);
  const names = new FreshNames(model.graph);
  const { consumers } = indexGraph(model.graph);
  const nodes = model.graph.nodes.map((node) => {
    const learned = layers.get(node.outputs[0] ?? '');
    if (!learned) return node;
    const [weight, bias] = [weights.get(node.inputs[WEIGHT] ?? ''), weights.get(node.inputs[BIAS] ?? '')];
    if (weight) put(weights, weight, weight.name, learned.weight);
    if (!bias || !learned.bias) return node;
    // Rounded by what its layer reads: another layer's is another.
    const isAlone = consumers.get(bias.name)?.length === 1;
    const name = isAlone ? bias.name : names.like(bias.name);
    put(weights, bias, name, learned.bias);
    return { ...node, inputs: node.inputs.map((input, index) => (index === BIAS ? name : input)) };
  });
  return { ...model, graph: { ...model.graph, nodes, weights } };
}

const put = (weights: Map<string, Weight>, { shape }: Weight, name: string, values: Float32Array): unknown =>
  weights.set(name, float32Weight(name, shape, values));
