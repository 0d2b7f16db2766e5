import { decode } from '../../../src/core/compression/encodings';
import type { AffineScheme, WeightPlan, WeightScheme } from '../../../src/core/compression/encodings/scheme';
import { encodeWeights } from '../../../src/core/compression/quantization/encode-weights';
import { runRepairs, type RepairContext, type Repaired } from '../../../src/core/compression/repair';
import type { DataSet } from '../../../src/core/evaluation/data';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../src/core/kernels';
import type { Model, Weight } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import type { RepairName } from '../../../src/core/recipe/recipe.schema';
import { collect, floats } from '../compression/models';
import { outputs, random, samples, tensor } from '../quantization/networks';

/** Codes of so many bits with one scale, or one a channel of the first axis. */
export function codes(bits: 2 | 3 | 4 | 8, axis: number | null = null): AffineScheme {
  return { kind: 'affine', bits, axis, block: null, symmetric: true, scales: 'minmax' };
}

/** One scheme for these weights. */
export function planOf(names: readonly string[], scheme: WeightScheme): WeightPlan {
  return new Map(names.map((name) => [name, scheme]));
}

/** Waves that inputs are made of: as in pictures, neighbours are much alike. */
const WAVES = 6;

/** A repeatable input of smooth numbers, mostly between -1 and 1. */
export function smoothInput(size: number, seed: number): Float32Array {
  const numbers = random(3 * WAVES, seed);
  return Float32Array.from({ length: size }, (_, at) => {
    let sum = 0.05 * Math.sin(at * 12.9898 * seed);
    for (let wave = 0; wave < WAVES; wave++) {
      const [height = 0, phase = 0, shift = 0] = numbers.subarray(3 * wave);
      sum += height * Math.sin((2 * Math.PI * (wave + 1 + 0.2 * shift) * at) / size + 3 * phase);
    }
    return sum / 2;
  });
}

/** Repeatable inputs for calibration. */
export function inputs(name: string, shape: number[], count = 64): DataSet {
  const size = shape.reduce((a, b) => a * b, 1);
  return samples(count, name, shape, (index) => smoothInput(size, index + 1));
}

export interface Repairing extends Repaired {
  readonly warnings: readonly string[];
}

export async function repaired(
  names: readonly RepairName[],
  model: Model,
  plan: WeightPlan,
  calibration: DataSet | null,
  change: Partial<RepairContext> = {},
): Promise<Repairing> {
  const warnings: string[] = [];
  const context: RepairContext = {
    job: quietContext(),
    calibration,
    samples: 512,
    warn: (sentence) => warnings.push(sentence),
    file: 'model.onnx',
    quantizesActivations: false,
    ...change,
  };
  return { ...(await runRepairs(names, model, plan, context)), warnings };
}

/** The model with the weights of its plan as they are read back once they are encoded. */
export async function encoded({ model, plan }: Repaired): Promise<Model> {
  const kernels = await loadKernels();
  const reader = await openWeights(model);
  try {
    const weights = new Map(model.graph.weights);
    for (const [name, each] of await encodeWeights(model, reader, plan)) {
      const bytes = await collect(decode(kernels, each));
      weights.set(name, { name, dtype: 'float32', shape: each.shape, data: { kind: 'bytes', bytes } });
    }
    return { ...model, graph: { ...model.graph, weights } };
  } finally {
    await reader.close();
  }
}

/** The numbers of a model's weight. */
export async function numbersOf(model: Model, name: string): Promise<Float32Array> {
  const weight: Weight | undefined = model.graph.weights.get(name);
  if (weight === undefined) throw new Error(`there is a weight ${name}`);
  const reader = await openWeights(model);
  try {
    return floats(await collect(reader.stream(weight)));
  } finally {
    await reader.close();
  }
}

/** Mean squared difference of two models' outputs on samples that calibration did not see, as a share of the mean square. */
export async function outputError(left: Model, right: Model, name: string, shape: number[]): Promise<number> {
  const size = shape.reduce((a, b) => a * b, 1);
  const count = 64;
  const data = new Float32Array(count * size);
  for (let at = 0; at < count; at++) data.set(smoothInput(size, 10_000 + at), at * size);
  const feeds = { [name]: tensor([count, ...shape], data) };
  const [a, b] = [(await outputs(left, feeds))[0], (await outputs(right, feeds))[0]];
  if (a === undefined || b?.length !== a.length) throw new Error('the outputs have one size');
  const squares = a.reduce((sum, value, at) => sum + (value - (b[at] ?? NaN)) ** 2, 0);
  return squares / a.reduce((sum, value) => sum + value ** 2, 1e-30);
}
