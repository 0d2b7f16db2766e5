import { describe, expect, it } from 'vitest';
import { newNode } from '../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../src/core/compression/graph/new-weights';
import { raiseOpset } from '../../../src/core/compression/graph/opset/raise';
import { ranksOf } from '../../../src/core/compression/graph/opset/ranks';
import { elementsOf, type Model } from '../../../src/core/model/model';
import { trainedOriginal } from '../../../src/core/training/original-weights';
import { trainableWeights } from '../../../src/core/training/trainable';
import { pictureNetwork } from './picture-network';

const FILTERS = 8;

/** Operator set 6: biases are added by nodes of their own, laid against the channels by an attribute. */
function oldNetwork(shared = false): Model {
  const model = pictureNetwork();
  const { graph } = model;
  const weights = new Map(graph.weights);
  const bias = (name: string): string => {
    weights.set(name, float32Weight(name, [FILTERS], new Float32Array(FILTERS).fill(0.1)));
    return name;
  };
  const along = { broadcast: { kind: 'int', value: 1 }, axis: { kind: 'int', value: 1 } } as const;
  const nodes = graph.nodes.flatMap((node) => {
    if (node.opType === 'Clip') return [newNode('Relu', node.inputs.slice(0, 1), node.outputs)];
    if (node.opType !== 'BatchNormalization') return [node];
    const added = bias(shared ? 'bias' : `${node.outputs[0] ?? ''}.bias`);
    return [newNode('Add', [node.inputs[0] ?? '', added], node.outputs, along)];
  });
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const left = new Map([...weights].filter(([name]) => read.has(name)));
  return { ...model, opsets: new Map([['', 6]]), graph: { ...graph, nodes, weights: left } };
}

/** Each weight of the raised form, changed by a number of its own. */
function trainedValues(raised: Model): Map<string, Float32Array> {
  const { learned } = trainableWeights(raised);
  return new Map(learned.map(({ name, shape }, at) => [name, new Float32Array(elementsOf(shape)).fill(at + 1)]));
}

// The runtime has no kernels for operator sets this old, so nothing is run here.
describe('what was trained in a raised form of an old model', () => {
  it('goes back under the original names, in the shapes that weights had', () => {
    const original = oldNetwork();
    const raised = raiseOpset(original, ranksOf(original));
    expect(raised.graph.weights.get('stem.normal.bias_0')?.shape).toEqual([FILTERS, 1, 1]);
    const result = trainedOriginal(original, raised, trainedValues(raised));
    expect(result?.opsets.get('')).toBe(6);
    expect(result?.graph.nodes).toBe(original.graph.nodes);
    expect([...(result?.graph.weights.keys() ?? [])]).toEqual([...original.graph.weights.keys()]);
    for (const [name, weight] of original.graph.weights) {
      const now = result?.graph.weights.get(name);
      expect(now?.shape).toEqual(weight.shape);
      expect(now?.data, name).not.toEqual(weight.data);
    }
  });

  it('has no place where one weight has become several', () => {
    const original = oldNetwork(true);
    const raised = raiseOpset(original, ranksOf(original));
    expect(trainedOriginal(original, raised, trainedValues(raised))).toBeNull();
  });
});
