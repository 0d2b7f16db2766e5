import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { DataSet } from '../../../src/core/evaluation/data';
import { elementsOf, type Model } from '../../../src/core/model/model';
import { openSession } from '../../../src/core/runtime/session';
import type { Tensor } from '../../../src/core/runtime/tensor';

/** Repeatable numbers in [-1, 1): a linear congruential generator. */
export function random(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export const tensor = (shape: number[], data: Float32Array): Tensor => ({ dtype: 'float32', shape, data });

/** What ONNX Runtime answers, node by node as the graph is written: its own optimizations are not what is tested. */
export async function outputs(model: Model, feeds: Record<string, Tensor>): Promise<Float32Array[]> {
  const session = await openSession(await encodeOnnx(model), { threads: 1, disableOptimization: true });
  try {
    const answers = await session.run(feeds);
    return model.graph.outputs.map(({ name }) => Float32Array.from(answers[name]?.data ?? [], Number));
  } finally {
    await session.close();
  }
}

/** The largest difference of two answers, as a share of the largest magnitude. */
export function difference(left: Float32Array[], right: Float32Array[]): number {
  let largest = 0;
  let magnitude = 1e-9;
  left.forEach((values, output) => {
    if (values.length !== right[output]?.length) throw new Error('the outputs have different sizes');
    values.forEach((value, at) => {
      largest = Math.max(largest, Math.abs(value - (right[output]?.[at] ?? NaN)));
      magnitude = Math.max(magnitude, Math.abs(value));
    });
  });
  return largest / magnitude;
}

/** Samples made on demand; `sampleOf` fills one, `asked` notes how many came in each batch. */
export function samples(
  length: number,
  input: string,
  shape: number[],
  sampleOf: (index: number) => Float32Array,
): DataSet & { readonly asked: number[] } {
  const size = elementsOf(shape);
  const asked: number[] = [];
  return {
    asked,
    source: 'generated',
    length,
    inputs: { [input]: { dtype: 'float32', shape } },
    labels: null,
    classNames: null,
    batch: (indices) => {
      asked.push(indices.length);
      const data = new Float32Array(indices.length * size);
      indices.forEach((index, at) => {
        data.set(sampleOf(index), at * size);
      });
      return Promise.resolve({ inputs: { [input]: tensor([indices.length, ...shape], data) } });
    },
    picture: () => Promise.resolve(null),
  };
}
