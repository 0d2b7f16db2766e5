import { describe, expect, it } from 'vitest';
import type { Model } from '../../../src/core/model/model';
import { int, ints, initializer, model, node, value } from '../compression/models';
import { difference, outputs, random, tensor } from '../quantization/networks';
import { codes, encoded, inputs, numbersOf, outputError, planOf, repaired } from './repairing';

/** How large each channel is: up to 100 times apart, as training with batch normalization leaves them. */
const sizes = (seed: number): Float32Array => random(16, seed).map((each) => 10 ** each);

/** Numbers that make each output so large, from inputs that are so large. */
function uneven(outputs: Float32Array, inputs: Float32Array, seed: number): Float32Array {
  const columns = inputs.length;
  return random(outputs.length * columns, seed).map(
    (each, at) => (each * (outputs[Math.floor(at / columns)] ?? 0)) / (inputs[at % columns] ?? 1),
  );
}

/** As many channels that are alike. */
const even = (channels: number): Float32Array => new Float32Array(channels).fill(1);

/** An inverted residual as in MobileNet: expansion, depthwise, projection, with what `activate` puts between them. */
function invertedResidual(activate: (input: string, output: string) => ReturnType<typeof node>): Model {
  const [expanded, filtered] = [sizes(1), sizes(2)];
  const change = filtered.map((each, channel) => each / (expanded[channel] ?? 1));
  return model({
    nodes: [
      node('Conv', ['x', 'expand.weight', 'expand.bias'], ['a']),
      activate('a', 'b'),
      node('Conv', ['b', 'depthwise.weight', 'depthwise.bias'], ['c'], { group: int(16), pads: ints(1, 1, 1, 1) }),
      activate('c', 'd'),
      node('Conv', ['d', 'project.weight', 'project.bias'], ['e']),
      node('GlobalAveragePool', ['e'], ['f']),
      node('Flatten', ['f'], ['g']),
      node('Gemm', ['g', 'fc.weight', 'fc.bias'], ['y'], { transB: int(1) }),
    ],
    weights: [
      initializer('expand.weight', [16, 4, 1, 1], uneven(expanded, even(4), 1)),
      initializer('expand.bias', [16], uneven(expanded, even(1), 2)),
      initializer('depthwise.weight', [16, 1, 3, 3], uneven(change, even(9), 3)),
      initializer('depthwise.bias', [16], uneven(filtered, even(1), 4)),
      initializer('project.weight', [8, 16, 1, 1], uneven(even(8), filtered, 5)),
      initializer('project.bias', [8], random(8, 6)),
      initializer('fc.weight', [10, 8], random(80, 7)),
      initializer('fc.bias', [10], random(10, 8)),
      initializer('zero', [], new Float32Array([0])),
      initializer('six', [], new Float32Array([6])),
    ],
    inputs: [value('x', ['n', 4, 8, 8])],
    outputs: [value('y', ['n', 10])],
  });
}

const SHAPE = [4, 8, 8];
const NAMES = ['expand.weight', 'depthwise.weight', 'project.weight', 'fc.weight'];
const relu = (input: string, output: string) => node('Relu', [input], [output]);
const relu6 = (input: string, output: string) => node('Clip', [input, 'zero', 'six'], [output]);
const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

async function sameAnswers(left: Model, right: Model): Promise<number> {
  const feeds = { x: tensor([4, ...SHAPE], random(4 * 256, 77)) };
  return difference(await outputs(left, feeds), await outputs(right, feeds));
}

describe('equalizing layers', () => {
  it('changes no answer, and quarters the error of codes with one scale a tensor', async () => {
    const given = invertedResidual(relu);
    const plan = planOf(NAMES, codes(4));
    const after = await repaired(['equalize'], given, plan, null);
    expect(await sameAnswers(given, after.model)).toBeLessThan(1e-4);
    const plain = await outputError(given, await encoded({ model: given, plan }), 'x', SHAPE);
    expect(await outputError(given, await encoded(after), 'x', SHAPE)).toBeLessThan(plain / 4);
  });

  it('lets the bounds of clips follow their channels where no samples tell what they do', async () => {
    const given = invertedResidual(relu6);
    const after = await repaired(['equalize'], given, planOf(NAMES, codes(4)), null);
    expect(operators(after.model).filter((opType) => opType === 'Min')).toHaveLength(2);
    expect(await sameAnswers(given, after.model)).toBeLessThan(1e-4);
  });

  it('keeps clips where samples tell which channels reach them, and answers to those samples', async () => {
    const given = invertedResidual(relu6);
    const after = await repaired(['equalize'], given, planOf(NAMES, codes(4)), inputs('x', SHAPE));
    expect(operators(after.model)).toEqual(operators(given));
    expect(await outputError(given, after.model, 'x', SHAPE)).toBeLessThan(1e-6);
    expect(await numbersOf(after.model, 'expand.weight')).not.toEqual(await numbersOf(given, 'expand.weight'));
  });

  it('leaves layers alone whose channels have scales of their own, and says so', async () => {
    const given = invertedResidual(relu);
    const after = await repaired(['equalize'], given, planOf(NAMES, codes(4, 0)), null);
    expect(after.model).toBe(given);
    expect(after.warnings).toEqual([expect.stringContaining('Equalizing changed nothing')]);
  });

  it('does not reach through what minds scales, or what others read', async () => {
    const given = model({
      nodes: [
        node('Conv', ['x', 'first'], ['a']),
        node('Sigmoid', ['a'], ['b']),
        node('Conv', ['b', 'second'], ['c']),
        node('Conv', ['c', 'third'], ['d']),
        node('Add', ['c', 'd'], ['y']),
      ],
      weights: ['first', 'second', 'third'].map((name, at) => initializer(name, [4, 4, 1, 1], random(16, at))),
      inputs: [value('x', ['n', 4, 8, 8])],
      outputs: [value('y', ['n', 4, 8, 8])],
    });
    const after = await repaired(['equalize'], given, planOf(['first', 'second', 'third'], codes(4)), null);
    expect(after.model).toBe(given);
  });
});

/** Products of matrices after a normalization, one channel of which is far larger than the others. */
function normalized(): Model {
  const large = random(32, 1).map((each, at) => (at === 5 ? 60 : 1 + each / 2));
  return model({
    nodes: [
      node('LayerNormalization', ['x', 'norm.weight', 'norm.bias'], ['n'], { axis: int(-1) }),
      node('MatMul', ['n', 'query.weight'], ['q']),
      node('MatMul', ['n', 'key.weight'], ['k']),
      node('Mul', ['q', 'k'], ['y']),
    ],
    weights: [
      initializer('norm.weight', [32], large),
      initializer('norm.bias', [32], random(32, 2)),
      initializer('query.weight', [32, 24], random(32 * 24, 3)),
      initializer('key.weight', [32, 24], random(32 * 24, 4)),
    ],
    inputs: [value('x', ['n', 6, 32])],
    outputs: [value('y', ['n', 6, 24])],
  });
}

const PRODUCTS = ['query.weight', 'key.weight'];

async function sameProducts(left: Model, right: Model): Promise<number> {
  const feeds = { x: tensor([4, 6, 32], random(4 * 6 * 32, 77)) };
  return difference(await outputs(left, feeds), await outputs(right, feeds));
}

describe('scaling what products of matrices read', () => {
  it('smooth makes channels of activations alike, and changes no answer', async () => {
    const given = normalized();
    const after = await repaired(['smooth'], given, planOf(PRODUCTS, codes(8, 1)), inputs('x', [6, 32]));
    expect(await sameProducts(given, after.model)).toBeLessThan(1e-4);
    const spread = async (each: Model): Promise<number> => {
      const scales = (await numbersOf(each, 'norm.weight')).map(Math.abs).sort();
      return (scales.at(-1) ?? NaN) / (scales[16] ?? NaN);
    };
    expect(await spread(after.model)).toBeLessThan((await spread(given)) / 4);
  });

  it('awq halves the error of weights that meet large activations, and changes no answer', async () => {
    const given = normalized();
    const plan = planOf(PRODUCTS, codes(3, 1));
    const after = await repaired(['awq'], given, plan, inputs('x', [6, 32]));
    expect(await sameProducts(given, after.model)).toBeLessThan(1e-4);
    const plain = await outputError(given, await encoded({ model: given, plan }), 'x', [6, 32]);
    expect(await outputError(given, await encoded(after), 'x', [6, 32])).toBeLessThan(plain / 2);
  });

  it('leaves a normalization alone that others read too', async () => {
    const given = normalized();
    const more = { ...given, graph: { ...given.graph, outputs: [...given.graph.outputs, value('n', ['n', 6, 32])] } };
    const after = await repaired(['smooth'], more, planOf(PRODUCTS, codes(8, 1)), inputs('x', [6, 32]));
    expect(after.model).toBe(more);
    expect(after.warnings).toEqual([expect.stringContaining('Smoothing changed nothing')]);
  });
});

describe('correcting biases', () => {
  it('takes off what encoded weights shift the mean of the outputs by', async () => {
    const given = invertedResidual(relu);
    const plan = planOf(NAMES, codes(4));
    const data = inputs('x', SHAPE, 128);
    const plain = await outputError(given, await encoded({ model: given, plan }), 'x', SHAPE);
    const after = await repaired(['bias-correction'], given, plan, data);
    expect(await outputError(given, await encoded(after), 'x', SHAPE)).toBeLessThan(plain / 2);
    expect(await numbersOf(after.model, 'expand.weight')).toEqual(await numbersOf(given, 'expand.weight'));
  });
});

describe('folding batch normalization', () => {
  it('changes no answer, and keeps the scheme of each weight', async () => {
    const given = model({
      nodes: [
        node('Conv', ['x', 'w'], ['a']),
        node('BatchNormalization', ['a', 'g', 'b', 'm', 'v'], ['c']),
        node('Conv', ['c', 'w'], ['y']),
      ],
      weights: [
        initializer('w', [4, 4, 1, 1], random(16, 1)),
        ...['g', 'b', 'm', 'v'].map((name, at) =>
          initializer(
            name,
            [4],
            random(4, at).map((each) => each ** 2 + 0.1),
          ),
        ),
      ],
      inputs: [value('x', ['n', 4, 8, 8])],
      outputs: [value('y', ['n', 4, 8, 8])],
    });
    const after = await repaired(['fold'], given, planOf(['w'], codes(4)), null);
    expect(operators(after.model)).toEqual(['Conv', 'Conv']);
    expect([...after.plan.keys()].sort()).toEqual(['w', 'w_0']);
    expect(await sameAnswers(given, after.model)).toBeLessThan(1e-4);
  });
});
