import { expect } from 'vitest';
import { decode } from '../../../../src/core/compression/encodings';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../../src/core/kernels';
import type { Model } from '../../../../src/core/model/model';
import type { Tensor } from '../../../../src/core/runtime/tensor';
import { weights } from '../../kernels/hostile';
import { collect, floats, initializer } from '../models';
import { halveWeights, quantizeWeights } from '../weight-steps';

export const make = (count: number, seed: number): Float32Array => weights(count, seed);
export const tensor = (shape: number[], seed = 77): Tensor => ({
  dtype: 'float32',
  shape,
  data: weights(
    shape.reduce((a, b) => a * b, 1),
    seed,
    1,
  ),
});

export async function quantized(from: Model, granularity: 'channel' | 'tensor' = 'channel'): Promise<Model> {
  return onnxEncodings.store(from, await quantizeWeights(from, await openWeights(from), { granularity }));
}

export async function halved(from: Model): Promise<Model> {
  return onnxEncodings.store(from, await halveWeights(from, await openWeights(from)));
}

/** The same model with the values that its encoded weights stand for, as plain float32. */
export async function reference(from: Model, tensors: ReadonlyMap<string, EncodedTensor>): Promise<Model> {
  const kernels = await loadKernels();
  const all = new Map(from.graph.weights);
  for (const [name, encoded] of tensors) {
    const bytes = await collect(decode(kernels, encoded));
    all.set(name, initializer(name, [...encoded.shape], floats(bytes)));
  }
  return { ...from, graph: { ...from.graph, weights: all } };
}

export function largest(a: Tensor | undefined, b: Tensor | undefined): { difference: number; value: number } {
  const [left, right] = [Array.from(a?.data ?? [], Number), Array.from(b?.data ?? [], Number)];
  expect(left.length).toBe(right.length);
  expect(left.length).toBeGreaterThan(0);
  return {
    difference: Math.max(...left.map((v, i) => Math.abs(v - (right[i] ?? NaN)))),
    value: Math.max(...right.map(Math.abs)),
  };
}
