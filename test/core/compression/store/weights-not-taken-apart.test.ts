import { describe, expect, test } from 'vitest';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import type { Model } from '../../../../src/core/model/model';
import { affine, palette, sparse, type Encoded } from '../encoded';
import { initializer, model, node, value, type GraphParts } from '../models';

/** A runtime that unpacks no more than this when it loads a model: a third or so of the weights here. */
const LARGEST = 8 * 1024;

describe('what cannot be taken apart is refused with the reason', () => {
  const keptWith = (nodes: GraphParts['nodes'], tensor: EncodedTensor, values: Float32Array): Model =>
    onnxEncodings.store(
      model({
        nodes,
        weights: [initializer('w', [...tensor.shape], values)],
        inputs: [value('x', [64, 64]), value('i', ['n'], 'int64')],
        outputs: [value('y', [64, 64])],
      }),
      new Map([['w', tensor]]),
      'smallest',
      LARGEST,
    );
  const { tensor, values } = palette([64, 64], 4);
  const half = sparse([64, 64], 0.5, (shape) => palette(shape, 4));

  test.each<[string, GraphParts['nodes'], Encoded, RegExp]>([
    [
      'added',
      [node('Add', ['x', 'w'], ['y'])],
      { tensor, values },
      /"w" has more than 8,192 bytes.*Add reads it.*Store it native/,
    ],
    ['on the left', [node('MatMul', ['w', 'x'], ['y'])], { tensor, values }, /MatMul reads it/],
    [
      'a product and a lookup',
      [node('MatMul', ['x', 'w'], ['y']), node('Gather', ['w', 'i'], ['z'])],
      { tensor, values },
      /MatMul and Gather read it/,
    ],
    ['sparse', [node('MatMul', ['x', 'w'], ['y'])], half, /it is sparse/],
    ['palettes of rows', [node('Gather', ['w', 'i'], ['y'])], palette([64, 64], 4, 4, 0), /several palettes/],
    [
      'blocks of rows',
      [node('Gather', ['w', 'i'], ['y'])],
      affine([64, 64], { bits: 4, axis: 0, block: 16 }),
      /rows share a scale/,
    ],
    ['uneven rows', [node('Gather', ['w', 'i'], ['y'])], palette([64, 63], 4), /do not end with a byte/],
  ])('%s', (_, nodes, encoded, sentence) => {
    expect(() => keptWith(nodes, encoded.tensor, encoded.values)).toThrow(sentence);
  });

  test('but 8-bit codes, which are cheap to unpack, are kept whole', () => {
    const { tensor: codes, values: real } = affine([64, 64], { bits: 8, axis: 0 });
    const after = keptWith([node('Add', ['x', 'w'], ['y'])], codes, real);
    expect(after.graph.nodes.map(({ opType }) => opType)).toEqual(['Cast', 'Mul', 'Add']);
  });
});

test('a weight of more than 1 GiB is one that ONNX Runtime does not unpack when it loads it', () => {
  const { tensor } = palette([16], 4);
  const shape = [16384, 16385];
  const huge = (nodes: GraphParts['nodes']): Model =>
    model({
      nodes,
      weights: [{ name: 'w', dtype: 'float32', shape, data: { kind: 'stream', stream: tensor.codes } }],
      inputs: [value('x', ['n', 16384])],
      outputs: [value('y', ['n', 16385])],
    });
  const store = (from: Model) => onnxEncodings.store(from, new Map([['w', { ...tensor, shape }]]));
  expect(() => store(huge([node('Abs', ['w'], ['y'])]))).toThrow(/"w" has more than 1 GiB/);
  expect(store(huge([node('MatMul', ['x', 'w'], ['y'])])).graph.nodes.map(({ opType }) => opType)).toEqual([
    'Palette4',
    'Palette4',
    'MatMul',
    'MatMul',
    'Concat',
  ]);
});
