import { describe, expect, it } from 'vitest';
import {
  quantizeStatic,
  type StaticOptions,
  type StaticResult,
} from '../../../src/core/compression/quantization/static';
import { elementsOf, type Model, type Node } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { decode } from '../../../src/core/compression/encodings';
import { loadKernels } from '../../../src/core/kernels';
import { collect, float, floats, initializer, int, ints, model, node, value } from '../compression/models';
import { optimized, scratchFolder } from '../compression/running';
import { difference, outputs, random, samples, tensor } from './networks';

const SHAPE = [8, 10, 10];
const folder = scratchFolder();

const options = (change: Partial<StaticOptions> = {}): StaticOptions => ({
  calibration: samples(40, 'x', SHAPE, (index) => random(elementsOf(SHAPE), index).map((each) => 4 * each)),
  granularity: 'channel',
  keep: [],
  samples: 40,
  reduceRange: false,
  context: quietContext(),
  ...change,
});

const feeds = () => ({
  x: tensor(
    [2, ...SHAPE],
    random(2 * elementsOf(SHAPE), 99).map((each) => 4 * each),
  ),
});

const filter = (name: string, outs: number, ins: number, seed: number) =>
  initializer(
    name,
    [outs, ins, 1, 1],
    random(outs * ins, seed).map((each) => (each * 2) / Math.sqrt(ins)),
  );

/** Convolution, activation, squeeze-and-excitation, convolution: a block of MobileNetV3 or EfficientNet. */
function block(activation: (from: string, to: string) => Node[], gate: (from: string, to: string) => Node[]): Model {
  const nodes = [
    node('Conv', ['x', 'expand.weight'], ['e']),
    ...activation('e', 'a'),
    node('GlobalAveragePool', ['a'], ['p']),
    node('Conv', ['p', 'squeeze.weight'], ['s']),
    node('Relu', ['s'], ['r']),
    node('Conv', ['r', 'excite.weight'], ['g']),
    ...gate('g', 'h'),
    node('Mul', ['h', 'a'], ['m']),
    node('Conv', ['m', 'project.weight'], ['y']),
  ];
  const weights = [
    filter('expand.weight', 16, 8, 1),
    filter('squeeze.weight', 4, 16, 2),
    filter('excite.weight', 16, 4, 3),
    filter('project.weight', 8, 16, 4),
  ];
  return model({ nodes, weights, inputs: [value('x', ['n', ...SHAPE])], outputs: [value('y', ['n', ...SHAPE])] });
}

const sixth = { alpha: float(Math.fround(1 / 6)) };
const hardSigmoid = (from: string, to: string): Node[] => [node('HardSigmoid', [from], [to], sixth)];
const hardSwish = (from: string, to: string): Node[] => [node('HardSwish', [from], [to])];
const sigmoid = (from: string, to: string): Node[] => [node('Sigmoid', [from], [to])];
const silu = (from: string, to: string): Node[] => [
  node('Sigmoid', [from], [`${to}.gate`]),
  node('Mul', [from, `${to}.gate`], [to]),
];

describe('gates: squeeze-and-excitation, hard swish, SiLU', () => {
  it.each([
    ['MobileNetV3', block(hardSwish, hardSigmoid), { QLinearMul: 2, QLinearLeakyRelu: 1 }],
    ['EfficientNet', block(silu, sigmoid), { QLinearMul: 2, QLinearSigmoid: 2 }],
  ])('a block of %s stays in integer kernels', async (_, given, expected) => {
    const { model: result, reference } = await quantizeStatic(given, options());
    expect(difference(await outputs(given, feeds()), await outputs(reference, feeds()))).toBeLessThan(1e-5);
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
    const { operators } = await optimized(result, folder);
    const count = (operator: string): number => operators.filter((each) => each === operator).length;
    for (const [operator, times] of Object.entries(expected)) expect(count(operator), operator).toBe(times);
    expect(count('QLinearConv')).toBe(4);
    expect(count('QuantizeLinear')).toBe(1);
    expect(count('DequantizeLinear')).toBe(1);
    for (const operator of ['HardSigmoid', 'HardSwish', 'Sigmoid', 'Mul']) expect(count(operator), operator).toBe(0);
  });

  it.each([
    ['as most exporters write it', { alpha: float(Math.fround(1 / 6)) }],
    ['with the defaults of ONNX', {}],
    ['that is off its middle', { alpha: float(0.3), beta: float(0.9) }],
    ['that begins at zero', { alpha: float(1), beta: float(0) }],
  ])('a hard sigmoid %s is right to a code', async (_, attributes) => {
    const identity = Float32Array.from({ length: 64 }, (_each, at) => (at % 9 === 0 ? 1 : 0));
    const weights = ['in', 'out'].map((name) => initializer(`${name}.weight`, [8, 8, 1, 1], identity));
    const nodes = [
      node('Conv', ['x', 'in.weight'], ['c']),
      node('HardSigmoid', ['c'], ['h'], attributes),
      node('Conv', ['h', 'out.weight'], ['y']),
    ];
    const around = { inputs: [value('x', ['n', ...SHAPE])], outputs: [value('y', ['n', ...SHAPE])] };
    const { model: result, reference } = await quantizeStatic(model({ nodes, weights, ...around }), options());
    expect(result.graph.nodes.map(({ opType }) => opType)).not.toContain('HardSigmoid');
    const [exact, rounded] = [await outputs(reference, feeds()), await outputs(result, feeds())];
    const steps = Math.max(...(exact[0] ?? []).map((each, at) => Math.abs(each - (rounded[0]?.[at] ?? NaN)))) * 255;
    // One of its own; the input's step (8 / 255) times alpha, and that of the output.
    const inputStep = 8 * ('alpha' in attributes && attributes.alpha.kind === 'float' ? attributes.alpha.value : 0.2);
    expect(steps).toBeLessThanOrEqual(1.5 + inputStep);
  });

  it.each([
    ['falls', { alpha: float(-0.2) }],
    ['reaches one at zero', { beta: float(1.5) }],
  ])('a hard sigmoid that %s stays as it is', async (_, attributes) => {
    const given = block(hardSwish, (from, to) => [node('HardSigmoid', [from], [to], attributes)]);
    const { model: result, reference } = await quantizeStatic(given, options());
    expect(result.graph.nodes.map(({ opType }) => opType)).toContain('HardSigmoid');
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.1);
  });

  it('keeps a hard sigmoid whose input others read: its codes are looked up', async () => {
    const given = block(hardSwish, hardSigmoid);
    const seen = { ...given.graph, outputs: [...given.graph.outputs, value('g', ['n', 16, 1, 1])] };
    const { model: result, reference } = await quantizeStatic({ ...given, graph: seen }, options());
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
  });

  it('a product with a constant stays float', async () => {
    const half = initializer('half', [], Float32Array.of(0.5));
    const nodes = [
      node('Conv', ['x', 'a.weight'], ['c']),
      node('Mul', ['c', 'half'], ['m']),
      node('Conv', ['m', 'b.weight'], ['y'], { group: int(1), pads: ints(0, 0, 0, 0) }),
    ];
    const weights = [filter('a.weight', 8, 8, 1), filter('b.weight', 8, 8, 2), half];
    const around = { inputs: [value('x', ['n', ...SHAPE])], outputs: [value('y', ['n', ...SHAPE])] };
    const { model: result, reference } = await quantizeStatic(model({ nodes, weights, ...around }), options());
    expect(difference(await outputs(reference, feeds()), await outputs(result, feeds()))).toBeLessThan(0.05);
  });
});

describe('activations in 16 bits', () => {
  const given = block(silu, sigmoid);

  it.each([
    [17, 'com.microsoft'],
    [21, ''],
  ])(
    'are more than ten times closer, in a model of operator set %i by operators of the domain "%s"',
    async (opset, domain) => {
      const of = { ...given, opsets: new Map([['', opset]]) };
      const exact = await outputs(of, feeds());
      const weights = { keep: [] };
      const eight = await quantizeStatic(of, options(weights));
      const sixteen = await quantizeStatic(of, options({ ...weights, activations: 'uint16' }));
      const conversions = sixteen.model.graph.nodes.filter((each) => each.opType === 'QuantizeLinear');
      expect(conversions.length).toBeGreaterThan(4);
      for (const each of conversions) expect(each.domain).toBe(domain);
      expect(sixteen.model.opsets.has('com.microsoft')).toBe(domain !== '');
      const float = await withRoundedWeights(sixteen);
      // What rounding of the activations alone does: the weights are the same in both.
      const near = difference(await outputs(float, feeds()), await outputs(sixteen.model, feeds()));
      const far = difference(exact, await outputs(eight.model, feeds()));
      expect(near).toBeLessThan(far / 10);
      expect(near).toBeLessThan(5e-4);
    },
  );
});

/** The float model with the numbers that the codes of its weights stand for. */
async function withRoundedWeights({ reference, tensors }: StaticResult): Promise<Model> {
  const kernels = await loadKernels();
  const weights = new Map(reference.graph.weights);
  for (const [name, tensor] of tensors) {
    const numbers = floats(await collect(decode(kernels, tensor)));
    weights.set(name, initializer(name, [...tensor.shape], numbers));
  }
  return { ...reference, graph: { ...reference.graph, weights } };
}
