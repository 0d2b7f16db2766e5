import { describe, expect, it } from 'vitest';
import type { AffineScheme, WeightPlan } from '../../../src/core/compression/encodings/scheme';
import { REPAIR_PASSES } from '../../../src/core/compression/repair';
import { readModel } from '../../../src/core/formats';
import type { Model } from '../../../src/core/model/model';
import { hasShared, sharedPath } from '../../shared';
import { initializer, int, model, node, value } from '../compression/models';
import { difference, outputs, random, tensor } from '../quantization/networks';
import { codes, encoded, numbersOf, outputError, planOf, repaired } from './repairing';
import { MATRICES, TOKENS, transformer, withOutliers } from './transformer';

const perChannel = codes(4, 1);
const inBlocks: AffineScheme = { ...codes(4, 0), block: 16 };
const KINDS = ['LayerNormalization', 'SimplifiedLayerNormalization'] as const;
const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

async function sameAnswers(left: Model, right: Model): Promise<number> {
  const feeds = { x: tensor([3, ...TOKENS], random(3 * 96, 77)) };
  return difference(await outputs(left, feeds), await outputs(right, feeds));
}

/** Errors of the outputs with plain rounding, and after a rotation. */
async function errors(given: Model, plan: WeightPlan): Promise<{ plain: number; rotated: number }> {
  const after = await repaired(['rotate'], given, plan, null);
  return {
    plain: await outputError(given, await encoded({ model: given, plan }), 'x', TOKENS),
    rotated: await outputError(given, await encoded(after), 'x', TOKENS),
  };
}

describe('rotating a transformer', () => {
  it.each(KINDS)('changes every matrix on the stream of a %s, and no answer', async (kind) => {
    const given = await withOutliers(transformer(kind), 30, [5, 11]);
    const after = await repaired(['rotate'], given, planOf(MATRICES, perChannel), null);
    expect(after.warnings).toEqual([]);
    expect(await sameAnswers(given, after.model)).toBeLessThan(1e-4);
    for (const name of [...MATRICES, 'head.weight']) {
      expect(await numbersOf(after.model, name)).not.toEqual(await numbersOf(given, name));
    }
  });

  it.each(KINDS)('keeps the operators of a %s, but for biases that take in its own', async (kind) => {
    const given = await withOutliers(transformer(kind), 30, [5]);
    const after = await repaired(['rotate'], given, planOf(MATRICES, perChannel), null);
    const more = operators(after.model).length - operators(given).length;
    expect(more).toBe(kind === 'LayerNormalization' ? 1 : 0);
    expect(await numbersOf(after.model, 'norm1.weight')).toEqual(new Float32Array(32).fill(1));
  });

  it('gives the same model each time', async () => {
    const given = await withOutliers(transformer('LayerNormalization'), 30, [5]);
    const plan = planOf(MATRICES, perChannel);
    const [one, other] = [await repaired(['rotate'], given, plan, null), await repaired(['rotate'], given, plan, null)];
    expect(await numbersOf(one.model, 'up.weight')).toEqual(await numbersOf(other.model, 'up.weight'));
  });

  it.each(KINDS)('takes most of the error of 4-bit weights where channels stand out: %s', async (kind) => {
    const given = await withOutliers(transformer(kind), 100, [3, 5, 11, 20]);
    const channel = await errors(given, planOf(MATRICES, perChannel));
    expect(channel.rotated).toBeLessThan(channel.plain / 3);
    const block = await errors(given, planOf(MATRICES, inBlocks));
    expect(block.rotated).toBeLessThan(block.plain / 3);
  });

  it('leaves channels alone that are all alike, where a rotation would cost, and says so', async () => {
    const given = transformer('LayerNormalization');
    const after = await repaired(['rotate'], given, planOf(['up.weight'], perChannel), null);
    expect(after.model).toBe(given);
    expect(after.warnings).toEqual([expect.stringContaining('no channels stand out')]);
  });

  it('rotates all where activations have codes, since theirs are the channels that it is for', async () => {
    const given = transformer('LayerNormalization');
    const plan = planOf(['up.weight'], perChannel);
    const after = await repaired(['rotate'], given, plan, null, { quantizesActivations: true });
    expect(await numbersOf(after.model, 'up.weight')).not.toEqual(await numbersOf(given, 'up.weight'));
    expect(await sameAnswers(given, after.model)).toBeLessThan(1e-4);
  });
});

/** Attention in which one channel of each head counts for much more than the others. */
async function loudChannels(factor: number): Promise<Model> {
  const given = transformer('LayerNormalization');
  const numbers = (await numbersOf(given, 'out.weight')).map((each, at) =>
    Math.floor(at / 32) % 16 === 3 ? factor * each : each,
  );
  const weights = new Map(given.graph.weights).set('out.weight', initializer('out.weight', [32, 32], numbers));
  return { ...given, graph: { ...given.graph, weights } };
}

describe('rotating the values of attention heads', () => {
  it('changes the two layers around them, no answer, and halves the error', async () => {
    const given = await loudChannels(8);
    const plan = planOf(['value.weight', 'out.weight'], perChannel);
    const after = await repaired(['rotate'], given, plan, null);
    expect(await numbersOf(after.model, 'value.weight')).not.toEqual(await numbersOf(given, 'value.weight'));
    expect(await sameAnswers(given, after.model)).toBeLessThan(1e-4);
    const { plain, rotated } = await errors(given, plan);

    expect(rotated).toBeLessThan(plain / 2);
  });
});

/** Two products of matrices with sums between them, of a width that has no Hadamard matrix. */
function factored(between: 'Identity' | 'Relu'): Model {
  const loud = (channel: number): number => (channel === 3 ? 10 : 1);
  return model({
    nodes: [
      node('MatMul', ['x', 'first.weight'], ['a']),
      node('Add', ['a', 'first.bias'], ['b']),
      node(between, ['b'], ['c']),
      node('Gemm', ['c', 'second.weight'], ['y'], { transB: int(1) }),
    ],
    weights: [
      initializer('first.weight', [24, 18], random(24 * 18, 1)),
      initializer('first.bias', [18], random(18, 2)),
      initializer(
        'second.weight',
        [12, 18],
        random(12 * 18, 3).map((each, at) => each * loud(at % 18)),
      ),
    ],
    inputs: [value('x', ['n', 24])],
    outputs: [value('y', ['n', 12])],
  });
}

describe('rotating between products of matrices', () => {
  const plan = planOf(['first.weight', 'second.weight'], codes(4));

  it('works for widths without a Hadamard matrix too', async () => {
    const given = factored('Identity');
    const after = await repaired(['rotate'], given, plan, null);
    const feeds = { x: tensor([5, 24], random(120, 4)) };
    expect(difference(await outputs(given, feeds), await outputs(after.model, feeds))).toBeLessThan(1e-4);
    const plain = await outputError(given, await encoded({ model: given, plan }), 'x', [24]);
    expect(await outputError(given, await encoded(after), 'x', [24])).toBeLessThan(plain / 3);
  });

  it('does not reach through what is not linear, and says what it met', async () => {
    const given = factored('Relu');
    const after = await repaired(['rotate'], given, plan, null);
    expect(after.model).toBe(given);
    expect(after.warnings).toEqual([
      'Rotating changed nothing: no two layers have only what a rotation goes through between them (b passes Relu, which no rotation goes through).',
    ]);
  });

  it('leaves a stream alone that is an answer of the model', async () => {
    const given = factored('Identity');
    const more = { ...given, graph: { ...given.graph, outputs: [...given.graph.outputs, value('c', ['n', 18])] } };
    const after = await repaired(['rotate'], more, plan, null);
    expect(after.model).toBe(more);
    expect(after.warnings).toEqual([expect.stringContaining('c is an output of the model')]);
  });

  it('leaves a normalization alone whose scale nothing can take in', async () => {
    const given = model({
      nodes: [
        node('MatMul', ['x', 'first.weight'], ['a']),
        node('LayerNormalization', ['a', 'scale', 'shift'], ['b'], { axis: int(-1) }),
        node('Add', ['a', 'b'], ['c']),
        node('MatMul', ['c', 'second.weight'], ['y']),
      ],
      weights: [
        initializer('first.weight', [16, 32], random(512, 1)),
        initializer('second.weight', [32, 8], random(256, 2)),
        initializer('scale', [32], random(32, 3)),
        initializer('shift', [32], random(32, 4)),
      ],
      inputs: [value('x', ['n', 16])],
      outputs: [value('y', ['n', 8])],
    });
    const after = await repaired(['rotate'], given, plan, null);
    expect(after.model).toBe(given);
    expect(after.warnings).toEqual([expect.stringContaining('the normalization b is read by Add')]);
  });

  it('needs no calibration data, and runs before what does', () => {
    const names = REPAIR_PASSES.map(({ name }) => name);
    expect(REPAIR_PASSES.find(({ name }) => name === 'rotate')?.needs).toBe('nothing');
    expect(names.indexOf('rotate')).toBeLessThan(names.indexOf('smooth'));
  });
});

const there = hasShared('Rotating reference networks', 'zoo', 'vit_tiny');

describe.skipIf(!there)('rotating a vision transformer of the reference networks', () => {
  it.each(['vit_tiny', 'vit_tiny.dynamo'])('changes no answer of %s', async (name) => {
    const given = await readModel(sharedPath('zoo', 'vit_tiny', `${name}.onnx`));
    const plan = planOf([...given.graph.weights.keys()], codes(4, 1));
    const matrices = new Map([...plan].filter(([each]) => (given.graph.weights.get(each)?.shape.length ?? 0) === 2));
    const after = await repaired(['rotate'], given, matrices, null, { quantizesActivations: true });
    expect(after.warnings).toEqual([]);
    const feeds = { image: tensor([4, 1, 28, 28], random(4 * 784, 7)) };
    expect(difference(await outputs(given, feeds), await outputs(after.model, feeds))).toBeLessThan(1e-4);
    for (const matrix of matrices.keys()) {
      expect(await numbersOf(after.model, matrix)).not.toEqual(await numbersOf(given, matrix));
    }
  });
});
