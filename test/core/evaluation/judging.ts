import { summarize } from '../../../src/core/analysis/summary';
import { openRoles, type DataSet } from '../../../src/core/evaluation/data';
import { measure, type Measured, type MeasureRequest } from '../../../src/core/evaluation/measure';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { quietContext } from '../../../src/core/progress';
import type { DataSection, DataSource } from '../../../src/core/recipe/recipe.schema';
import { model, node, value } from '../compression/models';

/** Measures without latency unless it is asked for: most tests are about answers. */
export async function measured(
  file: string,
  test: DataSet | null,
  options: Partial<MeasureRequest> = {},
): Promise<Measured> {
  const facts = summarize(await readModel(file), { dims: {} });
  return measure(file, { facts, test, context: quietContext(), latency: false, ...options });
}

/** Opens a test set for a model, works with it, and closes it. */
export async function withTest<T>(
  test: DataSource,
  base: string,
  file: string,
  work: (set: DataSet) => Promise<T>,
  data: Omit<DataSection, 'test'> = {},
): Promise<T> {
  const roles = await openRoles({ ...data, test }, base, summarize(await readModel(file), { dims: {} }).inputs);
  try {
    if (roles.test === null) throw new Error('No test set.');
    return await work(roles.test);
  } finally {
    await roles.close();
  }
}

/** A model that gives what it takes: `y = x`, so that data sets choose the outputs. */
export function identity(shape: readonly (number | string)[]): Promise<Uint8Array> {
  return encodeOnnx(
    model({
      nodes: [node('Identity', ['x'], ['y'])],
      weights: [],
      inputs: [value('x', [...shape])],
      outputs: [value('y', [...shape])],
    }),
  );
}

/** sin(step), sin(2 step), ...: numbers that NumPy makes alike. */
export function sines(count: number, step: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(step * (index + 1)));
}
