import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../src/core/analysis/layers';
import { summarize } from '../../../src/core/analysis/summary';
import type { LayerSummary } from '../../../src/core/analysis/summary.schema';
import type { Node, Value, Weight } from '../../../src/core/model/model';
import { floats, graph, integers, model, node, value, weight } from './graphs';

const IMAGE = value('x', [1, 3, 8, 8]);
const ROWS = value('x', [1, 64]);

function layers(nodes: Node[], weights: Weight[], input: Value = IMAGE): LayerSummary[] {
  return summarize(model({ nodes, weights, inputs: [input], outputs: [value('y', null)] })).layers;
}

function only(found: LayerSummary[]): LayerSummary {
  const [layer] = found;
  if (layer === undefined || found.length !== 1) throw new Error(`One layer was expected, not ${found.length}.`);
  return layer;
}

const CODES = weight('w', [8, 3, 3, 3], 'int8');
const CONV = node('Conv', ['x', 'real'], ['y']);
/** ONNX codes of dtypes in `Cast.to`. */
const TO_FLOAT32 = 1;

describe('a weight is found behind the nodes that unpack it', () => {
  test('DequantizeLinear per channel: codes are the parameters, scale and zero point belong to the encoding', () => {
    const layer = only(
      layers(
        [node('DequantizeLinear', ['w', 's', 'z'], ['real'], { attributes: { axis: 0 } }), CONV],
        [CODES, weight('s', [8]), weight('z', [8], 'int8')],
      ),
    );
    expect(layer.parameters).toBe(216);
    expect(layer.bytes).toBe(216 + 8 * 4 + 8);
    expect(layer.weights[0]).toMatchObject({
      name: 'w',
      role: 'weight',
      dtype: 'float32',
      encodingLabel: 'int8 per channel',
      encoding: { kind: 'affine', bits: 8, signed: true, axis: 0, block: null },
      outputAxis: 0,
    });
  });

  test('DequantizeLinear per tensor and per block', () => {
    const perTensor = only(layers([node('DequantizeLinear', ['w', 's'], ['real']), CONV], [CODES, weight('s', [])]));
    expect(perTensor.weights[0]?.encoding).toEqual({ kind: 'affine', bits: 8, signed: true, axis: null, block: null });
    const perBlock = only(
      layers(
        [
          node('DequantizeLinear', ['w', 's'], ['real'], { attributes: { axis: 0, block_size: 16 } }),
          node('MatMul', ['x', 'real'], ['y']),
        ],
        [weight('w', [64, 10], 'int4'), weight('s', [4, 10])],
        ROWS,
      ),
    );
    expect(perBlock.weights[0]).toMatchObject({ encodingLabel: 'int4 per block of 16', parameters: 640 });
    expect(perBlock.bytes).toBe(320 + 160);
  });

  test('int8 codes times a scale, as DequantizeLinear is written where runtimes fold it away', () => {
    const layer = only(
      layers(
        [
          node('Cast', ['w'], ['numbers'], { attributes: { to: TO_FLOAT32 } }),
          node('Mul', ['numbers', 's'], ['real']),
          CONV,
        ],
        [CODES, weight('s', [8, 1, 1, 1])],
      ),
    );
    expect(layer.operator).toBe('Conv');
    expect(layer.weights[0]).toMatchObject({ encodingLabel: 'int8 per channel', dtype: 'float32', bytes: 216 + 32 });
  });

  test('the same with a zero point, scale first', () => {
    const layer = only(
      layers(
        [
          node('Cast', ['w'], ['numbers'], { attributes: { to: TO_FLOAT32 } }),
          node('Sub', ['numbers', 'z'], ['centred']),
          node('Mul', ['s', 'centred'], ['real']),
          CONV,
        ],
        [weight('w', [8, 3, 3, 3], 'uint8'), floats('s', [0.1], []), floats('z', [128], [])],
      ),
    );
    expect(layer.weights[0]).toMatchObject({ encodingLabel: 'uint8 per tensor', bytes: 216 + 4 + 4 });
  });

  test('float16 stored, float32 computed', () => {
    const layer = only(
      layers(
        [node('Cast', ['w'], ['real'], { attributes: { to: TO_FLOAT32 } }), CONV],
        [weight('w', [8, 3, 3, 3], 'float16')],
      ),
    );
    expect(layer.weights[0]).toMatchObject({ encodingLabel: 'float16', dtype: 'float32', bytes: 432, parameters: 216 });
  });

  test('constants, identities, transposes and reshapes: output axes are told in the stored order', () => {
    const transposed = only(
      layers(
        [node('Transpose', ['w'], ['t']), node('Identity', ['t'], ['real']), node('MatMul', ['x', 'real'], ['y'])],
        [weight('w', [10, 64])],
        ROWS,
      ),
    );
    expect(transposed).toMatchObject({ parameters: 640, detail: '64 -> 10' });
    expect(transposed.weights[0]).toMatchObject({ shape: [10, 64], outputAxis: 0 });

    const reshaped = only(
      layers(
        [
          node('Constant', [], ['c'], { attributes: { value: weight('', [8, 3, 9]) } }),
          node('Reshape', ['c', 'target'], ['real']),
          CONV,
        ],
        [integers('target', [8, 3, 3, 3])],
      ),
    );
    expect(reshaped.weights[0]).toMatchObject({ name: 'c', shape: [8, 3, 9], parameters: 216 });

    const unsqueezed = only(
      layers(
        [node('Unsqueeze', ['w', 'axes'], ['real']), node('Conv', ['x', 'real'], ['y'])],
        [weight('w', [8, 3, 3]), integers('axes', [3])],
      ),
    );
    expect(unsqueezed.weights[0]).toMatchObject({ shape: [8, 3, 3], outputAxis: 0 });
  });

  test('quantization-aware training: the stored float weight, through its rounding', () => {
    const layer = only(
      layers(
        [node('QuantizeLinear', ['w', 's', 'z'], ['q']), node('DequantizeLinear', ['q', 's', 'z'], ['real']), CONV],
        [weight('w', [8, 3, 3, 3]), floats('s', [0.1], []), weight('z', [], 'int8')],
      ),
    );
    expect(layer.weights[0]).toMatchObject({ encodingLabel: 'float32', bytes: 864 });
  });
});

describe('operators that unpack codes themselves', () => {
  const scalar = (name: string): Weight => floats(name, [0.1], []);

  test('QLinearConv: weight with its scale, int32 bias', () => {
    const layer = only(
      layers(
        [node('QLinearConv', ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'], ['y'])],
        [
          scalar('xs'),
          scalar('ys'),
          weight('xz', [], 'uint8'),
          weight('yz', [], 'uint8'),
          CODES,
          weight('ws', [8]),
          weight('wz', [8], 'int8'),
          weight('b', [8], 'int32'),
        ],
        value('x', [1, 3, 8, 8], 'uint8'),
      ),
    );
    expect(layer).toMatchObject({ parameters: 216 + 8, outputDtype: 'uint8' });
    expect(layer.weights.map(({ role, encodingLabel }) => [role, encodingLabel])).toEqual([
      ['weight', 'int8 per channel'],
      ['bias', 'int32'],
    ]);
  });

  test('dynamic quantization: MatMulInteger with its scaling and bias is one layer', () => {
    const found = layers(
      [
        node('DynamicQuantizeLinear', ['x'], ['q', 'qs', 'qz']),
        node('MatMulInteger', ['q', 'w', 'qz', 'wz'], ['i'], { name: '/fc/MatMul_quant' }),
        node('Cast', ['i'], ['f'], { attributes: { to: TO_FLOAT32 } }),
        node('Mul', ['qs', 'ws'], ['scales']),
        node('Mul', ['f', 'scales'], ['product']),
        node('Add', ['b', 'product'], ['y']),
      ],
      [weight('w', [64, 10], 'int8'), weight('wz', [], 'int8'), floats('ws', [0.1], []), weight('b', [10])],
      ROWS,
    );
    const layer = only(found);
    expect(layer).toMatchObject({ name: 'fc', operator: 'MatMulInteger', parameters: 650, macs: 640 });
    expect(layer.weights[0]).toMatchObject({ encodingLabel: 'int8 per tensor', bytes: 640 + 4 + 1 });
  });

  test('MatMulNBits: packed codes are a matrix of K x N parameters', () => {
    const layer = only(
      layers(
        [
          node('MatMulNBits', ['x', 'w', 's'], ['y'], {
            domain: 'com.microsoft',
            attributes: { K: 64, N: 10, bits: 4, block_size: 32 },
          }),
        ],
        [weight('w', [10, 2, 16], 'uint8'), weight('s', [20])],
        ROWS,
      ),
    );
    expect(layer).toMatchObject({ parameters: 640, bytes: 320 + 80 });
    expect(layer.weights[0]).toMatchObject({ shape: [64, 10], outputAxis: 1, encodingLabel: 'int4 per block of 32' });
  });
});

describe('what counts as a parameter', () => {
  test('a shared weight once; integer constants and scalars of arithmetic never', () => {
    const found = layers(
      [
        node('Gather', ['w', 'x'], ['e']),
        node('Mul', ['e', 'two'], ['m']),
        node('Reshape', ['m', 'target'], ['r']),
        node('Gemm', ['r', 'w'], ['y'], { attributes: { transB: 1 } }),
      ],
      [weight('w', [100, 16]), floats('two', [2], []), integers('target', [-1, 16])],
      value('x', [1, 5], 'int64'),
    );
    expect(found.map(({ operator, parameters, bytes }) => [operator, parameters, bytes])).toEqual([
      ['Gather', 1600, 6400],
      ['Mul', 0, 0],
      ['Reshape', 0, 0],
      ['Gemm', 0, 0],
    ]);
    expect(found[3]?.weights[0]).toMatchObject({ shared: true, parameters: 1600 });
  });

  test('mean and variance of a batch norm are buffers', () => {
    const layer = only(
      layers(
        [node('BatchNormalization', ['x', 'g', 'b', 'm', 'v'], ['y'])],
        ['g', 'b', 'm', 'v'].map((name) => weight(name, [3])),
      ),
    );
    expect(layer).toMatchObject({ parameters: 6, buffers: 6, bytes: 48 });
  });

  test('limits of Clip and targets of Resize are none', () => {
    const found = layers(
      [node('Clip', ['x', 'low', 'high'], ['c']), node('Resize', ['c', '', 'scales'], ['y'])],
      [floats('low', [0], [1]), floats('high', [6], [1]), floats('scales', [1, 1, 2, 2])],
    );
    expect(found.map((layer) => layer.parameters)).toEqual([0, 0]);
    expect(found[1]?.outputShape).toEqual([1, 3, 16, 16]);
  });

  test('a weight computed from others (gates in another order, weight norm) counts what is stored', () => {
    const layer = only(
      layers(
        [
          node('Slice', ['w', 'from', 'to'], ['a']),
          node('Slice', ['w', 'to', 'end'], ['b']),
          node('Concat', ['b', 'a'], ['swapped'], { attributes: { axis: 0 } }),
          node('Unsqueeze', ['swapped', 'from'], ['real']),
          node('GRU', ['x', 'real', 'r'], ['y'], { attributes: { hidden_size: 4 } }),
        ],
        [
          weight('w', [12, 5]),
          weight('r', [1, 12, 4]),
          integers('from', [0]),
          integers('to', [6]),
          integers('end', [12]),
        ],
        value('x', [7, 1, 5]),
      ),
    );
    expect(layer).toMatchObject({ operator: 'GRU', parameters: 60 + 48 });
  });

  test('a bias added by a node of its own belongs to the product, an addition of two activations does not', () => {
    const found = layers(
      [
        node('Conv', ['x', 'w'], ['a']),
        node('Add', ['a', 'b'], ['c']),
        node('Conv', ['x', 'w2'], ['d']),
        node('Add', ['c', 'd'], ['y']),
      ],
      [weight('w', [8, 3, 3, 3]), weight('b', [1, 8, 1, 1]), weight('w2', [8, 3, 3, 3])],
    );
    expect(found.map(({ operator, parameters }) => [operator, parameters])).toEqual([
      ['Conv', 224],
      ['Conv', 216],
      ['Add', 0],
    ]);
  });

  test('weights of a branch are found in the branch, and in the graph around it', () => {
    const branch = graph({
      nodes: [node('Gemm', ['x', 'outer', 'inner'], ['b'])],
      weights: [weight('inner', [10])],
      outputs: [value('b', null)],
    });
    const built = model({
      nodes: [
        node('If', ['c'], ['y'], {
          attributes: { then_branch: branch, else_branch: graph({ outputs: [value('x', null)] }) },
        }),
      ],
      weights: [weight('outer', [64, 10])],
      inputs: [ROWS, value('c', [], 'bool')],
      outputs: [value('y', null)],
    });
    expect(summarize(built).parameters).toBe(650);
    expect(layersOf(built).map((layer) => layer.within?.branch ?? null)).toEqual([null, 'then_branch']);
  });
});
