import { describe, expect, it } from 'vitest';
import { quantizeStatic, type StaticOptions } from '../../../src/core/compression/quantization/static';
import { layersOf } from '../../../src/core/analysis/layers';
import { formatOf, readModel } from '../../../src/core/formats';
import { elementsOf, type Model, type Node } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { optimized, scratchFolder } from '../compression/running';
import { float, initializer, int, ints, model, node, value } from '../compression/models';
import { difference, outputs, random, samples, tensor } from './networks';

const SHAPE = [3, 12, 12];
const folder = scratchFolder();

const data = (length = 40) => samples(length, 'x', SHAPE, (index) => random(elementsOf(SHAPE), index));

const options = (change: Partial<StaticOptions> = {}): StaticOptions => ({
  calibration: data(),
  granularity: 'channel',
  keep: [],
  samples: 40,
  reduceRange: false,
  context: quietContext(),
  ...change,
});

const filter = (name: string, outputs: number, inputs: number, size: number, seed: number) =>
  initializer(
    name,
    [outputs, inputs, size, size],
    random(outputs * inputs * size * size, seed).map((x) => x / Math.sqrt(inputs * size * size)),
  );

const pads = { pads: ints(1, 1, 1, 1) };

/** Residual, depthwise, ReLU6, pools, concatenation, LeakyReLU, nearest resizing, transposing, two Gemms, Softmax. */
function manyOperators(): Model {
  const nodes: Node[] = [
    node('Conv', ['x', 'stem.weight', 'stem.bias'], ['c1'], pads),
    node('Clip', ['c1', 'zero', 'six'], ['r1']),
    node('Conv', ['r1', 'depthwise.weight', 'depthwise.bias'], ['c2'], { ...pads, group: int(8) }),
    node('LeakyRelu', ['c2'], ['l2'], { alpha: float(0.1) }),
    node('Conv', ['l2', 'point.weight'], ['c3']),
    node('Add', ['r1', 'c3'], ['a']),
    node('Relu', ['a'], ['r2']),
    node('MaxPool', ['r2'], ['p'], { kernel_shape: ints(2, 2), strides: ints(2, 2) }),
    node('AveragePool', ['r2'], ['v'], { kernel_shape: ints(2, 2), strides: ints(2, 2) }),
    node('Concat', ['p', 'v'], ['k'], { axis: int(1) }),
    node('Resize', ['k', '', 'scales'], ['u'], {
      mode: { kind: 'string', value: 'nearest' },
      coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' },
      nearest_mode: { kind: 'string', value: 'floor' },
    }),
    node('Transpose', ['u'], ['t'], { perm: ints(0, 1, 3, 2) }),
    node('Conv', ['t', 'deep.weight', 'deep.bias'], ['c4']),
    node('GlobalAveragePool', ['c4'], ['g']),
    node('Flatten', ['g'], ['f']),
    node('Gemm', ['f', 'fc1.weight', 'fc1.bias'], ['h'], { transB: int(1) }),
    node('Relu', ['h'], ['hr']),
    node('Gemm', ['hr', 'fc2.weight', 'fc2.bias'], ['logits']),
    node('Softmax', ['logits'], ['y']),
  ];
  const weights = [
    filter('stem.weight', 8, 3, 3, 1),
    initializer('stem.bias', [8], random(8, 2)),
    filter('depthwise.weight', 8, 1, 3, 3),
    initializer('depthwise.bias', [8], random(8, 4)),
    filter('point.weight', 8, 8, 1, 5),
    filter('deep.weight', 16, 16, 1, 6),
    initializer('deep.bias', [16], random(16, 7)),
    initializer('fc1.weight', [12, 16], random(192, 8)),
    initializer('fc1.bias', [12], random(12, 9)),
    initializer('fc2.weight', [12, 5], random(60, 10)),
    initializer('fc2.bias', [5], random(5, 11)),
    initializer('scales', [4], Float32Array.of(1, 1, 2, 2)),
    initializer('zero', [], Float32Array.of(0)),
    initializer('six', [], Float32Array.of(6)),
  ];
  return model({ nodes, weights, inputs: [value('x', ['n', ...SHAPE])], outputs: [value('y', ['n', 5])] });
}

/** A layer, its rectifier, and a layer behind. */
function twoLayers(change: { weight?: Float32Array; bias?: Float32Array } = {}): Model {
  return model({
    nodes: [
      node('Conv', ['x', 'first.weight', 'first.bias'], ['c'], pads),
      node('Relu', ['c'], ['r']),
      node('Conv', ['r', 'second.weight'], ['y']),
    ],
    weights: [
      initializer('first.weight', [4, 3, 3, 3], change.weight ?? random(108, 1)),
      initializer('first.bias', [4], change.bias ?? random(4, 2)),
      filter('second.weight', 2, 4, 1, 3),
    ],
    inputs: [value('x', ['n', ...SHAPE])],
    outputs: [value('y', ['n', 2, 12, 12])],
  });
}

const feeds = (): { x: ReturnType<typeof tensor> } => ({ x: tensor([2, ...SHAPE], random(864, 77)) });
const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

describe('static int8', () => {
  it('stays in integer kernels from the first layer to the last', async () => {
    const { model: result, reference, warnings } = await quantizeStatic(manyOperators(), options());
    expect(warnings).toEqual([]);
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
    const { operators: fused } = await optimized(result, folder);
    const count = (operator: string): number => fused.filter((each) => each === operator).length;
    expect(count('QLinearConv')).toBe(4);
    expect(count('QGemm')).toBe(2);
    for (const operator of ['QLinearAdd', 'QLinearConcat', 'QLinearLeakyRelu', 'QLinearAveragePool']) {
      expect(count(operator), operator).toBe(1);
    }
    expect(count('QLinearGlobalAveragePool')).toBe(1);
    expect(count('QuantizeLinear')).toBe(1);
    expect(count('DequantizeLinear')).toBe(0);
    for (const operator of ['Conv', 'Gemm', 'Add', 'Relu', 'Clip', 'Concat']) expect(count(operator)).toBe(0);
  });

  it('is a file that reads back as the same layers with int8 weights, and float inputs and outputs', async () => {
    const before = manyOperators();
    const { model: result, tensors } = await quantizeStatic(before, options());
    const file = `${folder}/many.onnx`;
    await formatOf('onnx').write(result, file, { context: quietContext() });
    const after = await readModel(file);
    expect(after.graph.inputs.map(({ name, type }) => [name, type.dtype])).toEqual([['x', 'float32']]);
    expect(after.graph.outputs.map(({ name, type }) => [name, type.dtype])).toEqual([['y', 'float32']]);
    const weighted = (given: Model) => layersOf(given).filter((layer) => layer.weights.length > 0);
    const names = ['stem', 'depthwise', 'point', 'deep', 'fc1', 'fc2'];
    expect(weighted(after).map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    for (const name of names) {
      const weight = weighted(after)
        .find((layer) => layer.name === name)
        ?.weights.find(({ role }) => role === 'weight');
      expect(weight?.encoding).toMatchObject({ kind: 'affine', bits: 8, signed: true, axis: name === 'fc2' ? 1 : 0 });
    }
    expect([...tensors.keys()].sort()).toEqual(names.map((name) => `${name}.weight`).sort());
  });

  it('uses one scale a tensor when asked to', async () => {
    const { model: result } = await quantizeStatic(manyOperators(), options({ granularity: 'tensor' }));
    const { nodes, weights } = result.graph;
    const scales = nodes.filter(({ opType }) => opType === 'DequantizeLinear').map(({ inputs }) => inputs[1] ?? '');
    expect(scales.length).toBeGreaterThan(6);
    for (const scale of scales) expect(weights.get(scale)?.shape).toEqual([]);
    const { operators: fused } = await optimized(result, folder);
    expect(fused.filter((each) => each === 'QLinearConv')).toHaveLength(4);
    expect(fused.filter((each) => each === 'QGemm')).toHaveLength(2);
  });

  it('keeps weights within 64 in 7 bits', async () => {
    const { tensors } = await quantizeStatic(twoLayers(), options({ reduceRange: true }));
    for (const encoded of tensors.values()) {
      if (encoded.kind !== 'affine') throw new Error('int8 weights are affine');
      for await (const chunk of encoded.codes.chunks()) {
        expect(Math.max(...new Int8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).map(Math.abs))).toBe(64);
      }
    }
  });

  it('leaves kept layers float, weights and all', async () => {
    const { model: result } = await quantizeStatic(manyOperators(), options({ keep: ['depthwise'] }));
    expect(result.graph.weights.get('depthwise.weight')?.dtype).toBe('float32');
    const { operators: fused } = await optimized(result, folder);
    expect(fused.filter((each) => each === 'QLinearConv')).toHaveLength(3);
  });

  it('drops a rectifier that rounding makes needless, and keeps one that others look behind', async () => {
    const { model: result } = await quantizeStatic(twoLayers(), options());
    expect(operators(result)).not.toContain('Relu');
    const given = twoLayers();
    const seen = { ...given, graph: { ...given.graph, outputs: [...given.graph.outputs, value('c', [])] } };
    const kept = await quantizeStatic(
      { ...seen, graph: { ...seen.graph, outputs: [...given.graph.outputs, value('c', ['n', 4, 12, 12])] } },
      options(),
    );
    expect(operators(kept.model)).toContain('Relu');
    expect(difference(await outputs(kept.reference, feeds()), await outputs(kept.model, feeds()))).toBeLessThan(0.05);
  });

  it('keeps the float values of a weight that something else reads', async () => {
    const given = twoLayers();
    const nodes = [...given.graph.nodes, node('Mul', ['first.weight', 'first.weight'], ['z'])];
    const outputsToo = [...given.graph.outputs, value('z', [4, 3, 3, 3])];
    const both = { ...given, graph: { ...given.graph, nodes, outputs: outputsToo } };
    const { model: result, reference } = await quantizeStatic(both, options());
    const [, exact] = await outputs(reference, feeds());
    expect((await outputs(result, feeds()))[1]).toEqual(exact);
  });

  it('leaves the first layer float where that is faster, with its weights in int8 all the same', async () => {
    const { model: result, reference, warnings } = await quantizeStatic(manyOperators(), options({ fastFirst: true }));
    expect(warnings).toEqual(['stem stays float: with so few inputs an output, the float kernel is faster.']);
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
    const { operators: fused } = await optimized(result, folder);
    expect(fused.filter((each) => each === 'QLinearConv')).toHaveLength(3);
    expect(fused.filter((each) => each.endsWith('Conv'))).toHaveLength(4);
    expect(fused).not.toContain('DequantizeLinear');
  });

  it('makes the only layer integers, first or not', async () => {
    const only = model({
      nodes: [node('Conv', ['x', 'stem.weight'], ['y'], pads)],
      weights: [filter('stem.weight', 8, 3, 3, 1)],
      inputs: [value('x', ['n', ...SHAPE])],
      outputs: [value('y', ['n', 8, 12, 12])],
    });
    const { model: result } = await quantizeStatic(only, options({ fastFirst: true }));
    expect((await optimized(result, folder)).operators).toContain('QLinearConv');
  });

  it('names what stays float, and why', async () => {
    const given = twoLayers();
    const nodes = [...given.graph.nodes, node('ConvTranspose', ['r', 'up.weight'], ['z'])];
    const weights = new Map(given.graph.weights).set('up.weight', filter('up.weight', 4, 2, 2, 5));
    const both = { ...given.graph, nodes, weights, outputs: [...given.graph.outputs, value('z', ['n', 2, 13, 13])] };
    const { warnings } = await quantizeStatic({ ...given, graph: both }, options());
    expect(warnings).toEqual(['up stays float: ConvTranspose has no integer kernel.']);
  });

  it('refuses a model without a layer for it, in a sentence', async () => {
    const given = model({
      nodes: [node('Relu', ['x'], ['y'])],
      weights: [],
      inputs: [value('x', ['n', ...SHAPE])],
      outputs: [value('y', ['n', ...SHAPE])],
    });
    await expect(quantizeStatic(given, options())).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(quantizeStatic(given, options())).rejects.toThrow('Try weight-only int8 instead.');
  });
});

describe('hostile numbers', () => {
  it('a filter of zeros, with a bias', async () => {
    const weight = random(108, 1).fill(0, 27, 54);
    const bias = Float32Array.of(0.5, 0.75, -0.5, 0.1);
    const { model: result, reference } = await quantizeStatic(twoLayers({ weight, bias }), options());
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
  });

  it('weights of zeros only, and constant activations', async () => {
    const zeros = { weight: new Float32Array(108), bias: new Float32Array(4) };
    const { model: result } = await quantizeStatic(twoLayers(zeros), options());
    const [answer] = await outputs(result, feeds());
    expect(answer?.every((each) => each === 0)).toBe(true);
  });

  it('a bias that 32 bits cannot hold at the weight’s own scale', async () => {
    const weight = random(108, 1).map((each, at) => (at < 27 ? each * 1e-10 : each));
    const bias = Float32Array.of(3, 0.1, 0.1, 0.1);
    const { model: result, reference } = await quantizeStatic(twoLayers({ weight, bias }), options());
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
  });

  it('NaN in a weight: the layer is named', async () => {
    const weight = random(108, 1).fill(NaN, 30, 31);
    const given = twoLayers({ weight });
    // Its activations are NaN as well; they are met first.
    await expect(quantizeStatic(given, options())).rejects.toThrow('first');
  });

  it('NaN in the samples: the input is named', async () => {
    const calibration = samples(4, 'x', SHAPE, () => random(432, 1).fill(NaN, 200, 201));
    const refused = quantizeStatic(twoLayers(), options({ calibration }));
    await expect(refused).rejects.toMatchObject({ kind: 'bad-data' });
    await expect(refused).rejects.toThrow('The input x has NaN on the calibration samples of generated.');
  });

  it('no samples at all', async () => {
    await expect(quantizeStatic(twoLayers(), options({ calibration: data(0) }))).rejects.toThrow('no samples');
  });
});
