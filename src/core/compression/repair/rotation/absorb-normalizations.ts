import { indexGraph } from '../../../analysis/graph-order';
import type { WeightReader } from '../../../formats/weight-reader';
import type { Model, Node, Weight } from '../../../model/model';
import { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { float32Weight } from '../../graph/new-weights';
import { tidy } from '../../graph/tidy';
import { eachElement, multiplyInputs } from '../equalization/channel-ranges';
import { biasName } from '../layer-biases';
import { outputsOf, type MatrixLayer } from '../matrix-layers';
import { WeightEdits } from '../weight-edits';
import type { SpaceNormalization } from './space';

/**
 * The model with scales of ones and no biases in these normalizations: the layers that read them are multiplied by the
 * scale, and what the bias gives goes into their own biases. It computes the same.
 */
export async function withoutScales(
  model: Model,
  normalizations: readonly SpaceNormalization[],
  reader: WeightReader,
): Promise<Model> {
  const absorption = new Absorption(model, reader);
  for (const each of normalizations) await absorption.absorb(each);
  return absorption.result();
}

class Absorption {
  private readonly names: FreshNames;
  private readonly edits: WeightEdits;
  private readonly added: Weight[] = [];
  /** What a node is replaced by. */
  private readonly replaced = new Map<Node, readonly Node[]>();

  constructor(
    private readonly model: Model,
    reader: WeightReader,
  ) {
    this.names = new FreshNames(model.graph);
    this.edits = new WeightEdits(model, reader);
  }

  async absorb({ node, scale, bias, readers }: SpaceNormalization): Promise<void> {
    const factors = Float64Array.from(await this.edits.read(scale));
    const shift = bias === null ? null : await this.edits.read(bias);
    for (const layer of readers) {
      if (shift !== null) await this.addToBias(layer, shift);
      await this.edits.edit(layer.weight, (values) => {
        multiplyInputs(layer, values, factors.length, factors);
      });
    }
    const ones = float32Weight(this.scaleName(scale), scale.shape, new Float32Array(factors.length).fill(1));
    this.added.push(ones);
    this.replaced.set(node, [{ ...node, inputs: [node.inputs[0] ?? '', ones.name] }]);
  }

  result(): Model {
    const edited = this.edits.result();
    const weights = new Map([...edited.graph.weights, ...this.added.map((weight) => [weight.name, weight] as const)]);
    const nodes = edited.graph.nodes.flatMap((node) => this.replaced.get(node) ?? [node]);
    return { ...edited, graph: tidy({ ...edited.graph, nodes, weights }) };
  }

  /** Adds what the layer makes of a constant input. */
  private async addToBias(layer: MatrixLayer, constant: Float32Array): Promise<void> {
    const given = new Float64Array(outputsOf(layer.matrix));
    const weights = await this.edits.read(layer.weight);
    eachElement(layer, constant.length, (element, output, input) => {
      given[output] = (given[output] ?? 0) + (weights[element] ?? 0) * (constant[input] ?? 0);
    });
    if (layer.bias === null) {
      this.giveBias(layer, Float32Array.from(given));
      return;
    }
    await this.edits.edit(layer.bias, (values) => {
      for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) + (given[at] ?? 0);
    });
  }

  private giveBias({ node, weight }: MatrixLayer, numbers: Float32Array): void {
    const bias = float32Weight(this.names.like(biasName(weight.name)), [numbers.length], numbers);
    this.added.push(bias);
    if (node.opType === 'Gemm') {
      this.replaced.set(node, [{ ...node, inputs: [...node.inputs.slice(0, 2), bias.name] }]);
      return;
    }
    const product = this.names.like(`${node.outputs[0] ?? ''}_product`);
    const sum = newNode('Add', [product, bias.name], node.outputs);
    this.replaced.set(node, [{ ...node, outputs: [product] }, sum]);
  }

  /** A scale that others read stays theirs. */
  private scaleName({ name }: Weight): string {
    return indexGraph(this.model.graph).consumers.get(name)?.length === 1 ? name : this.names.like(name);
  }
}
