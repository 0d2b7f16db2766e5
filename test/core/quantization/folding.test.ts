import { describe, expect, it } from 'vitest';
import { foldBatchNormalization } from '../../../src/core/compression/folding/batch-normalization';
import { prepare } from '../../../src/core/compression/quantization/static/preparation';
import { openWeights, readerOver } from '../../../src/core/formats/weight-reader';
import { readModel } from '../../../src/core/formats';
import { ModelSources } from '../../../src/core/formats/model-sources';
import type { Model } from '../../../src/core/model/model';
import { hasShared, sharedPath } from '../../shared';
import { initializer, int, ints, model, node, value, type GraphParts } from '../compression/models';
import { difference, outputs, random, tensor } from './networks';

/** A batch normalization of `channels` with positive variances. */
function normalization(input: string, output: string, channels: number): Pick<GraphParts, 'nodes' | 'weights'> {
  const names = ['g', 'b', 'm', 'v'].map((name) => `${output}.${name}`);
  const weights = names.map((name, at) =>
    initializer(name, [channels], at === 3 ? random(channels, 9).map((x) => x * x + 0.1) : random(channels, at + 20)),
  );
  return { nodes: [node('BatchNormalization', [input, ...names], [output])], weights };
}

const fold = (given: Model): Promise<Model> => foldBatchNormalization(given, readerOver(new ModelSources([])));
const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

async function sameAfterFolding(given: Model, shape: number[]): Promise<Model> {
  const folded = await fold(given);
  const feeds = {
    x: tensor(
      shape,
      random(
        shape.reduce((a, b) => a * b, 1),
        3,
      ),
    ),
  };
  expect(difference(await outputs(given, feeds), await outputs(folded, feeds))).toBeLessThan(1e-4);
  return folded;
}

describe('batch normalization', () => {
  it('goes into a convolution, which keeps its weight’s name', async () => {
    const bn = normalization('c', 'y', 6);
    const given = model({
      nodes: [node('Conv', ['x', 'conv.weight'], ['c'], { group: int(2) }), ...bn.nodes],
      weights: [initializer('conv.weight', [6, 2, 3, 3], random(108, 1)), ...bn.weights],
      inputs: [value('x', ['n', 4, 8, 8])],
      outputs: [value('y', ['n', 6, 6, 6])],
    });
    const folded = await sameAfterFolding(given, [2, 4, 8, 8]);
    expect(operators(folded)).toEqual(['Conv']);
    expect([...folded.graph.weights.keys()]).toEqual(['conv.weight', 'conv.bias']);
  });

  it('goes into a grouped transposed convolution with a bias', async () => {
    const bn = normalization('c', 'y', 6);
    const given = model({
      nodes: [node('ConvTranspose', ['x', 'w', 'b'], ['c'], { group: int(2), strides: ints(2, 2) }), ...bn.nodes],
      weights: [initializer('w', [4, 3, 2, 2], random(48, 1)), initializer('b', [6], random(6, 2)), ...bn.weights],
      inputs: [value('x', ['n', 4, 5, 5])],
      outputs: [value('y', ['n', 6, 10, 10])],
    });
    expect(operators(await sameAfterFolding(given, [1, 4, 5, 5]))).toEqual(['ConvTranspose']);
  });

  it.each([0, 1])('goes into a Gemm (transB = %i)', async (transB) => {
    const bn = normalization('c', 'y', 5);
    const given = model({
      nodes: [node('Gemm', ['x', 'w', 'b'], ['c'], { transB: int(transB) }), ...bn.nodes],
      weights: [
        initializer('w', transB === 1 ? [5, 7] : [7, 5], random(35, 1)),
        initializer('b', [5], random(5, 2)),
        ...bn.weights,
      ],
      inputs: [value('x', ['n', 7])],
      outputs: [value('y', ['n', 5])],
    });
    expect(operators(await sameAfterFolding(given, [3, 7]))).toEqual(['Gemm']);
  });

  it('stays where no layer comes before it, or where others read what the layer makes', async () => {
    const first = normalization('x', 'n', 4);
    const second = normalization('c', 'y', 4);
    const given = model({
      nodes: [...first.nodes, node('Conv', ['n', 'w'], ['c']), ...second.nodes],
      weights: [initializer('w', [4, 4, 1, 1], random(16, 1)), ...first.weights, ...second.weights],
      inputs: [value('x', ['n', 4, 3, 3])],
      outputs: [value('y', ['n', 4, 3, 3]), value('c', ['n', 4, 3, 3])],
    });
    const folded = await sameAfterFolding(given, [1, 4, 3, 3]);
    expect(operators(folded)).toEqual(['BatchNormalization', 'Conv', 'BatchNormalization']);
  });

  it('leaves a weight alone that another layer shares', async () => {
    const bn = normalization('c', 'n', 4);
    const given = model({
      nodes: [node('Conv', ['x', 'w'], ['c']), ...bn.nodes, node('Conv', ['n', 'w'], ['y'])],
      weights: [initializer('w', [4, 4, 1, 1], random(16, 1)), ...bn.weights],
      inputs: [value('x', ['n', 4, 3, 3])],
      outputs: [value('y', ['n', 4, 3, 3])],
    });
    expect(operators(await sameAfterFolding(given, [1, 4, 3, 3]))).toEqual(['Conv', 'Conv']);
  });
});

describe.skipIf(!hasShared('Folding in the zoo', 'zoo'))('the zoo with batch normalization', () => {
  it.each(['mobilenet_small', 'resnet14', 'vgg_small'])('%s computes the same without it', async (name) => {
    const given = await readModel(sharedPath('zoo', name, `${name}.bn.onnx`));
    const reader = await openWeights(given);
    // One network shares biases through Identity nodes, which go first.
    const folded = await prepare(given, reader);
    await reader.close();
    expect(operators(folded)).not.toContain('BatchNormalization');
    const feeds = { image: tensor([4, 1, 28, 28], random(4 * 784, 5)) };
    expect(difference(await outputs(given, feeds), await outputs(folded, feeds))).toBeLessThan(1e-4);
  });
});
