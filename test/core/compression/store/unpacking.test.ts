import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { layersOf } from '../../../../src/core/analysis/layers';
import { float32Stream } from '../../../../src/core/compression/encodings/dense';
import { storedValues } from '../../../../src/core/compression/encodings/stored';
import { encodingOf } from '../../../../src/core/compression/encodings/encoding-of';
import { readModel } from '../../../../src/core/formats';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../../src/core/kernels';
import type { Model } from '../../../../src/core/model/model';
import { affine, dense, palette, sparse, sparseAt, type Encoded } from '../encoded';
import { collect, floats, initializer, model, node, value } from '../models';
import { answers, optimized, scratchFolder } from '../running';

const folder = scratchFolder();

/** The weight as the graph's output, so that its values are seen as they are. */
function shown(shape: number[], opset = 17): Model {
  return model(
    {
      nodes: [node('Add', ['w', 'x'], ['y'])],
      weights: [initializer('w', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)))],
      inputs: [value('x', [])],
      outputs: [value('y', shape)],
    },
    opset,
  );
}

const ODD = [5, 3, 3];
const KERNEL = [16, 8, 3, 3];
const MATRIX = [64, 48];

const CASES: [string, Encoded][] = [
  ...([1, 2, 3, 4, 5, 6, 7, 8] as const).flatMap((bits): [string, Encoded][] => [
    [`${bits}-bit palette`, palette(KERNEL, bits)],
    [`${bits}-bit palette of an odd number of elements`, palette(ODD, bits)],
    [`${bits}-bit palette of a vector`, palette([40], bits)],
    [`${bits}-bit palette in groups of channels`, palette(KERNEL, bits, 4, 0)],
    [`${bits}-bit palette in groups of inputs, odd`, palette([3, 6, 3], bits, 2, 1)],
    [`int${bits} per tensor`, affine(KERNEL, { bits })],
    [`int${bits} per channel`, affine(KERNEL, { bits, axis: 0 })],
    [`int${bits} per input channel, odd`, affine(ODD, { bits, axis: 1 })],
    [`uint${bits} with zero points`, affine(KERNEL, { bits, axis: 0, signed: false, symmetric: false })],
    [`int${bits} in blocks of rows`, affine(MATRIX, { bits, axis: 0, block: 16 })],
    [`int${bits} in blocks of columns`, affine(MATRIX, { bits, axis: 1, block: 16 })],
    [`int${bits} in blocks with zero points`, affine(MATRIX, { bits, axis: 1, block: 16, symmetric: false })],
    [`int${bits} in blocks, the last one cut short`, affine([20, 50], { bits, axis: 1, block: 16, symmetric: false })],
    [`int${bits} in one block an axis`, affine([6, 4, 8], { bits, axis: 1, block: 4 })],
    [`sparse int${bits}`, sparse(KERNEL, 0.3, (shape) => affine(shape, { bits }))],
    [`sparse int${bits} in blocks`, sparse(KERNEL, 0.5, (shape) => affine(shape, { bits, axis: 0, block: 32 }))],
    [`sparse ${bits}-bit palette`, sparse(KERNEL, 0.05, (shape) => palette(shape, bits))],
    [`sparse ${bits}-bit palette, odd`, sparse(ODD, 0.5, (shape) => palette(shape, bits))],
  ]),
  ['sparse float32, a quarter', sparse(KERNEL, 0.25, dense)],
  ['sparse float32, odd', sparse(ODD, 0.4, dense)],
  ['sparse float32, one in a hundred', sparse([64, 64, 3, 3], 0.01, dense)],
  ['sparse float32, whole rows', sparseAt([64, 600], (index) => index % 6000 < 40, dense)],
  ['sparse float32, the first and the last', sparseAt([64, 600], (index) => index === 0 || index === 38399, dense)],
  [
    'sparse 4-bit palette, whole rows',
    sparseAt(
      [64, 600],
      (index) => index % 6000 < 40,
      (shape) => palette(shape, 4),
    ),
  ],
  ['nothing but zeros', sparseAt(KERNEL, () => false, dense)],
  ['nothing left out', sparseAt(KERNEL, () => true, dense)],
];

describe.each(['unpacking', 'smallest'] as const)('stored %s', (form) => {
  test.each(CASES)('%s: ONNX Runtime computes the very values, once', async (_, { tensor, values }) => {
    const stored = onnxEncodings.store(shown([...tensor.shape]), new Map([['w', tensor]]), form);
    const got = await answers(stored, { x: { dtype: 'float32', shape: [], data: new Float32Array(1) } });
    expect(got['y']?.data).toEqual(values.map((number) => number + 0));
    const { operators } = await optimized(stored, folder);
    expect(operators).toEqual(['Add']);
  });

  test.each(CASES)('%s: reads back as one weight', async (_, { tensor, values }) => {
    const stored = onnxEncodings.store(shown([...tensor.shape]), new Map([['w', tensor]]), form);
    const file = `${folder}/${form}.onnx`;
    await writeFile(file, await encodeOnnx(stored));
    const read = await readModel(file);
    const [layer, ...others] = layersOf(read);
    expect(others).toEqual([]);
    const [weight] = layer?.weights ?? [];
    if (weight === undefined) throw new Error('no weight');
    expect(weight.name).toBe('w');
    expect(weight.shape).toEqual(tensor.shape);
    const expected = encodingOf(tensor);
    if (expected.kind === 'sparse') expect(weight.encoding.kind).toBe('sparse');
    else expect(weight.encoding).toEqual(expected);
    const kernels = await loadKernels();
    const reader = await openWeights(read);
    try {
      const real = storedValues(kernels, reader, weight);
      if (real === null) throw new Error('no values');
      const bytes = await collect(float32Stream(kernels, values.length, () => real));
      expect(floats(bytes)).toEqual(values.map((number) => number + 0));
    } finally {
      await reader.close();
    }
  });
});
