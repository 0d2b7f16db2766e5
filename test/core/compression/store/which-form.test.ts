import { describe, expect, test } from 'vitest';
import { float, initializer, int, model, node, value, type GraphParts } from '../models';
import { optimized, scratchFolder } from '../running';
import { make, quantized } from './plain-weights';

const folder = scratchFolder();

describe('which form is chosen', () => {
  const vector = initializer('v', [48], make(48, 4));
  const row = initializer('row', [1, 48], make(48, 4));
  const network = (nodes: GraphParts['nodes'], rank: number): GraphParts => {
    const dimensions = rank === 2 ? ['n', 48] : ['n', 's', 48];
    return {
      nodes,
      weights: [initializer('w', [48, 48], make(2304, 3)), vector, row],
      inputs: [value('x', dimensions)],
      outputs: [value('y', dimensions)],
    };
  };
  const product = node('MatMul', ['x', 'w'], ['p']);
  const end = node('Neg', ['r'], ['y']);
  const relu = (from: string) => node('Relu', [from], ['r']);
  const gemm = (inputs: string[], attributes = {}) => node('Gemm', inputs, ['y'], attributes);

  // Whether it is DequantizeLinear, and so one integer kernel; the number of dimensions of x.
  const cases: [string, boolean, number, GraphParts['nodes']][] = [
    ['one product', true, 2, [node('MatMul', ['x', 'w'], ['y'])]],
    ['a Gemm', true, 2, [gemm(['x', 'w'])]],
    ['a Gemm with a bias', true, 2, [gemm(['x', 'w', 'v'])]],
    ['a Gemm with a bias of two dimensions', false, 2, [gemm(['x', 'w', 'row'])]],
    ['a scaled Gemm', false, 2, [gemm(['x', 'w'], { alpha: float(2) })]],
    ['a transposed Gemm', false, 2, [gemm(['x', 'w'], { transB: int(1) })]],
    ['a weight on the left', false, 2, [node('Transpose', ['x'], ['t']), node('MatMul', ['w', 't'], ['y'])]],
    ['two products', false, 2, [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'w'], ['y'])]],
    ['a weight transposed', false, 2, [node('Transpose', ['w'], ['t']), node('MatMul', ['x', 't'], ['y'])]],
    ['a sigmoid behind', true, 2, [product, node('Sigmoid', ['p'], ['r']), end]],
    ['a Relu behind', false, 2, [product, relu('p'), end]],
    ['a Clip behind', false, 2, [product, node('Clip', ['p'], ['r']), end]],
    ['a Relu as the last node', true, 2, [product, node('Relu', ['p'], ['y'])]],
    ['a Relu that is read twice', true, 2, [product, relu('p'), node('Mul', ['r', 'r'], ['y'])]],
    ['a Relu behind an Identity', false, 2, [product, node('Identity', ['p'], ['q']), relu('q'), end]],
    [
      'a Relu before an Identity',
      false,
      2,
      [product, relu('p'), node('Identity', ['r'], ['i']), node('Neg', ['i'], ['y'])],
    ],
    ['a product that a Relu and another read', true, 2, [product, relu('p'), node('Add', ['r', 'p'], ['y'])]],
    ['a bias behind', true, 2, [product, node('Add', ['v', 'p'], ['y'])]],
    ['a bias and a sigmoid', true, 2, [product, node('Add', ['p', 'v'], ['q']), node('Sigmoid', ['q'], ['y'])]],
    ['a bias and a Relu', false, 2, [product, node('Add', ['p', 'v'], ['q']), relu('q'), end]],
    ['a bias of two dimensions', false, 2, [product, node('Add', ['p', 'row'], ['y'])]],
    ['a residual', false, 2, [product, node('Add', ['p', 'x'], ['y'])]],
    ['a residual of three dimensions', true, 3, [product, node('Add', ['p', 'x'], ['y'])]],
    ['a bias and a Relu of three dimensions', true, 3, [product, node('Add', ['p', 'v'], ['q']), relu('q'), end]],
    ['a Relu of three dimensions', false, 3, [product, relu('p'), end]],
  ];

  test.each(cases)('%s: DequantizeLinear %s', async (_, dequantized, rank, nodes) => {
    const stored = await quantized(model(network(nodes, rank)));
    expect(stored.graph.nodes.some(({ opType }) => opType === 'DequantizeLinear')).toBe(dequantized);
    const { operators } = await optimized(stored, folder);
    expect(operators).not.toContain('DequantizeLinear');
    expect(operators).not.toContain('Cast');
    expect(operators.filter((name) => name === 'MatMulNBits').length).toBe(dequantized ? 1 : 0);
  });
});
