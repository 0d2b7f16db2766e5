import { describe, expect, it } from 'vitest';
import { layersOf } from '../../../src/core/analysis/layers';
import { storedValues } from '../../../src/core/compression/encodings/stored';
import { float32Stream } from '../../../src/core/compression/encodings/dense';
import { preparedModel } from '../../../src/core/compression/quantization/static/preparation';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../src/core/kernels';
import { elementsOf, type Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { passOf } from '../../../src/core/recipe/passes';
import { quantizeSchema, type QuantizeStep } from '../../../src/core/recipe/recipe.schema';
import { planWeights } from '../../../src/core/recipe/weight-plan';
import { collect, floats, initializer, int, ints, model, node, smallNetwork, value } from '../compression/models';
import { inputs, numbersOf, repaired } from '../repair/repairing';
import { random } from './networks';

/** A convolution with batch normalization, and a product with a factor: both change weights when they are folded in. */
function withMoreToFold(): Model {
  const parts = smallNetwork((count, seed) => random(count, seed).map((each) => each / 4));
  const nodes = [
    node('Conv', ['x', 'conv.weight'], ['c'], { pads: ints(1, 1, 1, 1) }),
    node('BatchNormalization', ['c', 'bn.gain', 'bn.shift', 'bn.mean', 'bn.variance'], ['n']),
    node('Relu', ['n'], ['r']),
    node('Flatten', ['r'], ['f']),
    node('Gemm', ['f', 'fc.weight', 'fc.bias'], ['g'], { transB: int(1), alpha: { kind: 'float', value: 0.5 } }),
    node('MatMul', ['g', 'head.weight'], ['y']),
  ];
  const statistics = [
    initializer(
      'bn.gain',
      [16],
      random(16, 20).map((each) => each + 2),
    ),
    initializer('bn.shift', [16], random(16, 21)),
    initializer('bn.mean', [16], random(16, 22)),
    initializer(
      'bn.variance',
      [16],
      random(16, 23).map((each) => each + 1.5),
    ),
  ];
  return model({ ...parts, nodes, weights: [...parts.weights, ...statistics] });
}

/** Products alone, one of them transposed. */
function products(): Model {
  return model({
    nodes: [
      node('Gemm', ['x', 'fc.weight', 'fc.bias'], ['g'], { transB: int(1) }),
      node('MatMul', ['g', 'head'], ['y']),
    ],
    weights: [
      initializer('fc.weight', [32, 48], random(32 * 48, 3)),
      initializer('fc.bias', [32], random(32, 4)),
      initializer('head', [32, 40], random(32 * 40, 5)),
    ],
    inputs: [value('x', ['n', 48])],
    outputs: [value('y', ['n', 40])],
  });
}

const step = (change: object): QuantizeStep => quantizeSchema.parse({ reduceRange: false, ...change });

/** A layer's weights as the file has them, real numbers. */
async function weightsIn(stored: Model): Promise<Map<string, Float32Array>> {
  const kernels = await loadKernels();
  const reader = await openWeights(stored);
  const found = new Map<string, Float32Array>();
  for (const { name, weights } of layersOf(stored)) {
    const weight = weights.find(({ role }) => role === 'weight');
    const values = weight === undefined ? null : storedValues(kernels, reader, weight);
    if (weight === undefined || values === null) continue;
    found.set(name, floats(await collect(float32Stream(kernels, elementsOf(weight.shape), () => values))));
  }
  await reader.close();
  return found;
}

/** Rows become columns. */
function transposed(numbers: Float32Array, rows: number): Float32Array {
  const columns = numbers.length / rows;
  return numbers.map((_, at) => numbers[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
}

async function compressed(given: Model, quantize: QuantizeStep, shape: number[]) {
  const warnings: string[] = [];
  const result = await passOf(quantize).run(given, quantize, {
    job: quietContext(),
    file: 'model.onnx',
    calibration: inputs('x', shape),
    warn: (sentence) => warnings.push(sentence),
    whenWritten: () => undefined,
  });
  return { ...result, warnings };
}

const CASES: readonly (readonly [string, Model, number[], object])[] = [
  ['int8 with 8-bit activations', withMoreToFold(), [8, 6, 6], { weights: 'int8', activations: 'uint8' }],
  ['int4 with 8-bit activations', withMoreToFold(), [8, 6, 6], { weights: 'int4', activations: 'uint8' }],
  ['int4 a tensor', withMoreToFold(), [8, 6, 6], { weights: 'int4', activations: 'uint8', granularity: 'tensor' }],
  ['dynamic int8', products(), [48], { weights: 'int8', activations: 'dynamic' }],
  ['dynamic int8 a tensor', products(), [48], { weights: 'int8', activations: 'dynamic', granularity: 'tensor' }],
];

describe.each(['gptq', 'adaptive-rounding'] as const)('weights that %s rounded', (repair) => {
  it.each(CASES)('%s: are stored as exactly those', async (_, given, shape, change) => {
    const quantize = step({ ...change, repair: [repair] });
    const ready = await preparedModel(given);
    const expected = await repaired([repair], ready, planWeights(ready, quantize, 'model.onnx'), inputs('x', shape), {
      quantizesActivations: true,
    });
    const { model: result, reference } = await compressed(given, quantize, shape);
    const stored = await weightsIn(result);
    const layers = layersOf(expected.model).filter(({ weights }) => weights.some(({ role }) => role === 'weight'));
    expect(stored.size).toBe(layers.length);
    for (const { name, node: layer } of layers) {
      const numbers = await numbersOf(expected.model, layer.inputs[1] ?? '');
      const turned = quantize.activations === 'dynamic' && layer.opType === 'Gemm';
      expect(stored.get(name), name).toEqual(turned ? transposed(numbers, 32) : numbers);
      expect(await numbersOf(reference, layer.inputs[1] ?? ''), `${name} before`).not.toEqual(numbers);
    }
  });
});

describe('7-bit weights', () => {
  it.each(['uint8', 'dynamic'])(
    'with %s activations keep repaired weights from saturating, and say so',
    async (activations) => {
      const quantize = step({ weights: 'int8', activations, repair: ['gptq'], reduceRange: true });
      const { model: result, warnings } = await compressed(products(), quantize, [48]);
      expect(warnings.join(' ')).toContain('7 bits, as asked');
      expect(warnings.join(' ')).toContain('rounded to 7 afterwards');
      const codes = [...result.graph.weights.values()].filter(
        ({ dtype, shape }) => dtype === 'int8' && shape.length === 2,
      );
      expect(codes).toHaveLength(2);
      for (const { data } of codes) {
        const bytes = data.kind === 'bytes' ? data.bytes : new Uint8Array(0);
        const numbers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        expect(numbers.reduce((most, code) => Math.max(most, Math.abs(code)), 0)).toBe(64);
      }
    },
  );
});
