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
import { collect, floats } from '../models';
import { answers, optimized, scratchFolder } from '../running';
import { CASES, shown } from './cases';

const folder = scratchFolder();

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
