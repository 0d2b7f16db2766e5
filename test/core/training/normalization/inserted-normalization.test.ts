import { beforeAll, describe, expect, it } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import { foldBatchNormalization } from '../../../../src/core/compression/folding/batch-normalization';
import { float32Weight } from '../../../../src/core/compression/graph/new-weights';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import type { Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { trainSchema } from '../../../../src/core/recipe/train.schema';
import { evaluationModel, withTrainedWeights } from '../../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { foldedValues } from '../../../../src/core/training/normalization/fold-inserted';
import { insertedForStep } from '../../../../src/core/training/normalization/for-step';
import { insertionSites } from '../../../../src/core/training/normalization/insertion-sites';
import { outputStatistics } from '../../../../src/core/training/normalization/output-statistics';
import { trainModel } from '../../../../src/core/training/train-model';
import { pictureNetwork, stripes } from '../picture-network';
import { answersOf } from '../quantization/exported';

const SET = stripes(320, 1);
const warnings: string[] = [];
const CONTEXT = { data: SET, file: 'net.onnx', job: quietContext(), warn: (text: string) => warnings.push(text) };
const STEP = { normalization: 'inserted', epochs: 3, batch: 32, rate: 0.02, threads: 1 } as const;

/** As most exporters write it: batch normalization in weights and biases. */
async function foldedNetwork(options = {}): Promise<Model> {
  const model = pictureNetwork(options);
  const reader = await openWeights(model);
  try {
    return await foldBatchNormalization(model, reader);
  } finally {
    await reader.close();
  }
}

const named = (model: Model): string[] =>
  layersOf(model).flatMap(({ name, node }) => (node.opType === 'BatchNormalization' ? [] : [name]));

/** The most by which scores differ, in shares of the largest. */
function difference(ours: Float32Array, theirs: Float32Array): number {
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return ours.reduce((most, value, at) => Math.max(most, Math.abs(value - (theirs[at] ?? 0))), 0) / largest;
}

describe('batch normalization that was folded in, put back while a network learns', () => {
  let folded: Model;
  beforeAll(async () => {
    folded = await foldedNetwork();
  });

  it('stands behind each convolution with a bias of its own, and changes no answer', async () => {
    const inserted = await insertedForStep(folded, trainSchema.parse(STEP), CONTEXT);
    const model = inserted?.model ?? folded;
    expect(inserted?.sites.map(({ layer }) => layer.outputs[0])).toEqual(
      ['stem', 'depth', 'mix', 'again'].map((name) => `${name}.normal`),
    );
    expect(model.graph.nodes.filter(({ opType }) => opType === 'BatchNormalization')).toHaveLength(4);
    expect(named(model)).toEqual(named(folded));
    expect(difference((await answersOf(model, SET)).scores, (await answersOf(folded, SET)).scores)).toBeLessThan(1e-5);
    expect(warnings.at(-1)).toMatch(/^Batch normalization stood behind 4 convolutions of "net.onnx" while it learned/);
  });

  it('measures mean and variance of each channel, whatever the batches', async () => {
    const model = { ...folded, graph: { ...folded.graph, outputs: [{ name: 'stem.normal', type: ANY }] } };
    const { scores } = await answersOf(model, SET);
    const moments = (await outputStatistics(folded, [{ name: 'stem.normal', rank: 4, channels: 8 }], CONTEXT)).get(
      'stem.normal',
    );
    const pixels = scores.length / SET.length / 8;
    for (let channel = 0; channel < 8; channel++) {
      const values = scores.filter((_, at) => Math.floor(at / pixels) % 8 === channel);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(moments?.mean[channel]).toBeCloseTo(mean, 5);
      expect(moments?.variance[channel]).toBeCloseTo(variance, 5);
    }
  });

  it('is folded into the original weights by name: the same nodes, the same names, the same answers', async () => {
    const step = trainSchema.parse(STEP);
    const inserted = await insertedForStep(folded, step, CONTEXT);
    if (!inserted) throw new Error('nothing was inserted');
    const request = { model: inserted.model, still: inserted.biases, step, file: 'net.onnx', loss: crossEntropy() };
    const { values } = await trainModel({ ...request, train: SET, selection: null, context: quietContext() });
    expect([...values.keys()].filter((name) => inserted.biases.has(name))).toEqual([]);
    const result = withTrainedWeights(folded, await foldedValues(inserted, values));
    expect(result.graph.nodes).toBe(folded.graph.nodes);
    expect([...result.graph.weights.keys()]).toEqual([...folded.graph.weights.keys()]);
    const [ours, twin] = [
      await answersOf(result, SET),
      await answersOf(evaluationModel(inserted.model, values, []), SET),
    ];
    expect(difference(ours.scores, twin.scores)).toBeLessThan(1e-5);
    expect(difference(ours.scores, (await answersOf(folded, SET)).scores)).toBeGreaterThan(0.01);
  });

  it('stays out of layers that are frozen, shared, or normalized already', async () => {
    const step = trainSchema.parse({ ...STEP, freeze: ['stem'] });
    const inserted = await insertedForStep(folded, step, CONTEXT);
    expect(inserted?.sites.map(({ weight }) => weight.name)).toEqual(['depth.weight', 'mix.weight', 'again.weight']);
    const all = new Set(folded.graph.weights.keys());
    expect(insertionSites(pictureNetwork(), all)).toEqual([]);
    const nodes = folded.graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map((name) => (name === 'again.weight' ? 'mix.weight' : name)),
    }));
    const shared = { ...folded, graph: { ...folded.graph, nodes } };
    expect(insertionSites(shared, all).map(({ weight }) => weight.name)).toEqual(['stem.weight', 'depth.weight']);
  });

  it('leaves a channel that is the same everywhere as it is', async () => {
    const weights = new Map(folded.graph.weights);
    const bias = Float32Array.from({ length: 8 }, (_, channel) => channel / 8);
    weights.set('mix.weight', float32Weight('mix.weight', [8, 8, 1, 1], new Float32Array(64)));
    weights.set('mix.bias', float32Weight('mix.bias', [8], bias));
    const dead = { ...folded, graph: { ...folded.graph, weights } };
    const inserted = await insertedForStep(dead, trainSchema.parse(STEP), CONTEXT);
    const answers = await answersOf(inserted?.model ?? dead, SET);
    expect(difference(answers.scores, (await answersOf(dead, SET)).scores)).toBeLessThan(1e-5);
  });

  it('says so where it has no place', async () => {
    expect(await insertedForStep(pictureNetwork(), trainSchema.parse(STEP), CONTEXT)).toBeNull();
    expect(warnings.at(-1)).toBe(
      'No convolution of "net.onnx" takes batch normalization in: one needs a bias, and weights of its own that learn. It was trained without.',
    );
  });

  it('is refused beside values that folding would make different', async () => {
    const step = trainSchema.parse({ ...STEP, cluster: { bits: 4 } });
    await expect(insertedForStep(folded, step, CONTEXT)).rejects.toThrow(
      '"net.onnx" was to learn shared values with normalization: inserted, which gives each channel another size in the end.',
    );
  });
});

const ANY = { dtype: 'float32', shape: null } as const;
