import { expect, test } from 'vitest';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import type { Model } from '../../../../src/core/model/model';
import { affine, palette } from '../encoded';
import { initializer, model, node, value } from '../models';

/** Convolutions one behind the other. */
function chain(layers: number, opset: number): Model {
  const weight = new Float32Array(4 * 4);
  const name = (at: number) => `w${String(at).padStart(5, '0')}`;
  const names = Array.from({ length: layers }, (_, at) => name(at));
  const values = ['x', ...names.map((_, at) => (at === layers - 1 ? 'y' : `h${at}`))];
  return model(
    {
      nodes: names.map((weight, at) => node('Conv', [values[at] ?? '', weight], [values[at + 1] ?? ''])),
      weights: names.map((name) => initializer(name, [4, 4, 1, 1], weight)),
      inputs: [value('x', [1, 4, 8, 8])],
      outputs: [value('y', [1, 4, 8, 8])],
    },
    opset,
  );
}

test.each([11, 17])(
  'bytes of each weight of a graph of 2,000 layers, opset %d, are those of a graph of one',
  (opset) => {
    const kinds: EncodedTensor[] = [
      palette([4, 4, 1, 1], 4).tensor,
      palette([4, 4, 1, 1], 3).tensor,
      affine([4, 4, 1, 1], { bits: 4, axis: 0 }).tensor,
      affine([4, 4, 1, 1], { bits: 8, axis: 0 }).tensor,
    ];
    const [deep, single] = [chain(2000, opset), chain(1, opset)];
    for (const tensor of kinds) {
      const expected = onnxEncodings.bytes(single, 'w00000', tensor);
      const found = [...deep.graph.weights.keys()].map((name) => onnxEncodings.bytes(deep, name, tensor));
      expect(new Set(found)).toEqual(new Set([expected]));
    }
  },
);
