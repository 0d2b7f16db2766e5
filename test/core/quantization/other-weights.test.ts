import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { WeightScheme } from '../../../src/core/compression/encodings/scheme';
import { quantizeStatic, type StaticOptions } from '../../../src/core/compression/quantization/static';
import { formatOf } from '../../../src/core/formats';
import type { Graph, Model } from '../../../src/core/model/model';
import type { DataSet } from '../../../src/core/evaluation/data';
import type { Tensor } from '../../../src/core/runtime/tensor';
import { quietContext } from '../../../src/core/progress';
import { graph, initializer, int, ints, model, node, value } from '../compression/models';
import { optimized, scratchFolder } from '../compression/running';
import { difference, outputs, random, samples, tensor } from './networks';

const STEPS = 6;
const WIDTH = 24;
const HIDDEN = 32;
const folder = scratchFolder();

/** A convolution over time, a recurrent layer, and a classifier at each step. */
function recurrent(operator: 'LSTM' | 'GRU', gates: number): Model {
  const scaled = (count: number, seed: number) => random(count, seed).map((each) => each / 5);
  const nodes = [
    node('Conv', ['x', 'conv.weight'], ['c'], { pads: ints(1, 1) }),
    node('Relu', ['c'], ['r']),
    node('Transpose', ['r'], ['t'], { perm: ints(2, 0, 1) }),
    node(operator, ['t', 'rnn.weight', 'rnn.recurrence', 'rnn.bias'], ['h'], { hidden_size: int(HIDDEN) }),
    node('Squeeze', ['h', 'one'], ['s']),
    node('MatMul', ['s', 'head.weight'], ['y']),
  ];
  const weights = [
    initializer('conv.weight', [WIDTH, 4, 3], scaled(WIDTH * 12, 1)),
    initializer('rnn.weight', [1, gates * HIDDEN, WIDTH], scaled(gates * HIDDEN * WIDTH, 2)),
    initializer('rnn.recurrence', [1, gates * HIDDEN, HIDDEN], scaled(gates * HIDDEN * HIDDEN, 3)),
    initializer('rnn.bias', [1, 2 * gates * HIDDEN], scaled(2 * gates * HIDDEN, 4)),
    initializer('head.weight', [HIDDEN, 10], scaled(HIDDEN * 10, 5)),
    initializer('one', [1], BigInt64Array.of(1n), 'int64'),
  ];
  return model({ nodes, weights, inputs: [value('x', ['n', 4, STEPS])], outputs: [value('y', [STEPS, 'n', 10])] });
}

const options = (change: Partial<StaticOptions> = {}): StaticOptions => ({
  calibration: samples(32, 'x', [4, STEPS], (index) => random(4 * STEPS, index)),
  granularity: 'channel',
  keep: [],
  samples: 32,
  reduceRange: false,
  context: quietContext(),
  ...change,
});

const feeds = { x: tensor([2, 4, STEPS], random(8 * STEPS, 50)) };

async function written(given: Model, name: string): Promise<number> {
  const file = `${folder}/${name}.onnx`;
  await formatOf('onnx').write(given, file, { context: quietContext() });
  return statSync(file).size;
}

describe('weights that no integer kernel takes', () => {
  it.each([
    ['LSTM', 4],
    ['GRU', 3],
  ] as const)('of an %s are int8 in the file, and float when it runs', async (operator, gates) => {
    const given = recurrent(operator, gates);
    const { model: result, warnings } = await quantizeStatic(given, options());
    expect(warnings.join()).toContain(operator);
    expect(difference(await outputs(given, feeds), await outputs(result, feeds))).toBeLessThan(0.05);
    expect(await written(result, operator)).toBeLessThan(0.35 * (await written(given, `${operator}.float`)));
    const { operators } = await optimized(result, folder);
    expect(operators).toContain('QLinearConv');
    expect(operators).toContain(operator);
    expect(operators.filter((each) => ['Mul', 'Cast', 'Sub'].includes(each))).toEqual([]);
  });

  it('are encoded as a plan says', async () => {
    const scheme: WeightScheme = { kind: 'palette', bits: 4, axis: null, groups: 1, method: 'kmeans' };
    const weights = new Map(['rnn.weight', 'rnn.recurrence'].map((name) => [name, scheme]));
    const plain = await quantizeStatic(recurrent('LSTM', 4), options());
    const { model: result } = await quantizeStatic(recurrent('LSTM', 4), options({ weights }));
    expect(await written(result, 'palette')).toBeLessThan(0.75 * (await written(plain.model, 'plain')));
    expect((await optimized(result, folder)).operators).toEqual((await optimized(plain.model, folder)).operators);
  });

  it('stay as they are in layers that are kept', async () => {
    const { model: result } = await quantizeStatic(recurrent('GRU', 3), options({ keep: ['rnn'] }));
    expect(result.graph.weights.get('rnn.weight')?.dtype).toBe('float32');
    expect(result.graph.weights.get('rnn.recurrence')?.dtype).toBe('float32');
  });
});

/** A convolution, then one of two recurrent layers, whose weights have the same names, and a product in a loop. */
function branched(): Model {
  const scaled = (count: number, seed: number) => random(count, seed).map((each) => each / 5);
  const branch = (output: string, operator: 'LSTM' | 'GRU', gates: number, seed: number): Graph =>
    graph({
      nodes: [
        node(operator, ['t', 'rnn.weight', 'rnn.recurrence'], [`${output}_h`], { hidden_size: int(HIDDEN) }),
        node('Squeeze', [`${output}_h`, 'one'], [output]),
      ],
      weights: [
        initializer('rnn.weight', [1, gates * HIDDEN, WIDTH], scaled(gates * HIDDEN * WIDTH, seed)),
        initializer('rnn.recurrence', [1, gates * HIDDEN, HIDDEN], scaled(gates * HIDDEN * HIDDEN, seed + 1)),
      ],
      inputs: [],
      outputs: [value(output, [STEPS, 'n', HIDDEN])],
    });
  const body = graph({
    nodes: [
      node('Constant', [], ['loop.weight'], {
        value: { kind: 'tensor', value: initializer('', [HIDDEN, HIDDEN], scaled(HIDDEN * HIDDEN, 9)) },
      }),
      node('MatMul', ['state', 'loop.weight'], ['next']),
      node('Identity', ['going'], ['still']),
    ],
    weights: [],
    inputs: [value('turn', [], 'int64'), value('going', [], 'bool'), value('state', [STEPS, 'n', HIDDEN])],
    outputs: [value('still', [], 'bool'), value('next', [STEPS, 'n', HIDDEN])],
  });
  return model({
    nodes: [
      node('Conv', ['x', 'conv.weight'], ['c'], { pads: ints(1, 1) }),
      node('Transpose', ['c'], ['t'], { perm: ints(2, 0, 1) }),
      node('If', ['which'], ['s'], {
        then_branch: { kind: 'graph', value: branch('a', 'LSTM', 4, 2) },
        else_branch: { kind: 'graph', value: branch('b', 'GRU', 3, 5) },
      }),
      node('Loop', ['turns', '', 's'], ['y'], { body: { kind: 'graph', value: body } }),
    ],
    weights: [
      initializer('conv.weight', [WIDTH, 4, 3], scaled(WIDTH * 12, 1)),
      initializer('one', [1], BigInt64Array.of(1n), 'int64'),
      initializer('turns', [], BigInt64Array.of(2n), 'int64'),
    ],
    inputs: [value('x', ['n', 4, STEPS]), value('which', [], 'bool')],
    outputs: [value('y', [STEPS, 'n', HIDDEN])],
  });
}

describe('weights of branches and loops', () => {
  const which = (chosen: boolean): Tensor => ({ dtype: 'bool', shape: [], data: Uint8Array.of(chosen ? 1 : 0) });
  const given = branched();
  const both: DataSet = {
    ...samples(32, 'x', [4, STEPS], (index) => random(4 * STEPS, index)),
    batch: (indices) => {
      const data = new Float32Array(indices.length * 4 * STEPS);
      indices.forEach((index, at) => {
        data.set(random(4 * STEPS, index), at * 4 * STEPS);
      });
      return Promise.resolve({ inputs: { x: tensor([indices.length, 4, STEPS], data), which: which(true) } });
    },
  };

  it('are int8 in the file, and float when it runs', async () => {
    const { model: result, warnings } = await quantizeStatic(given, options({ calibration: both }));
    expect(warnings.join()).toContain('inside a branch or a loop');
    for (const chosen of [true, false]) {
      const asked = { ...feeds, which: which(chosen) };
      expect(difference(await outputs(given, asked), await outputs(result, asked))).toBeLessThan(0.05);
    }
    expect(await written(result, 'branched')).toBeLessThan(0.35 * (await written(given, 'branched.float')));
    const { operators } = await optimized(result, folder);
    expect(operators).toContain('QLinearConv');
    expect(operators.filter((each) => ['Mul', 'Cast', 'Sub'].includes(each))).toEqual([]);
  });

  it('stay as they are in layers that are kept', async () => {
    const { model: result } = await quantizeStatic(given, options({ calibration: both, keep: ['rnn'] }));
    const floats = [...result.graph.weights.values()].filter(
      ({ dtype, shape }) => dtype === 'float32' && shape.length > 1,
    );
    expect(floats.map(({ shape }) => shape)).toContainEqual([1, 4 * HIDDEN, WIDTH]);
  });
});
