import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll } from 'vitest';
import { layersOf } from '../../../src/core/analysis/layers';
import { initializersOf } from '../../../src/core/analysis/unpacking/unpacked-tensor';
import { float32Stream } from '../../../src/core/compression/encodings/dense';
import { storedValues } from '../../../src/core/compression/encodings/stored';
import { readModel } from '../../../src/core/formats';
import { openWeights, weightBytes } from '../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../src/core/kernels';
import type { Encoding } from '../../../src/core/model/encoding';
import { elementsOf, type ByteStream } from '../../../src/core/model/model';
import { quietContext, type JobContext } from '../../../src/core/progress';
import { recipeSchema } from '../../../src/core/recipe/recipe.schema';
import type { CompressOutcome } from '../../../src/core/recipe/request';
import { compressModel, type TrainingWatch } from '../../../src/core/recipe/run';
import { scratchFolder } from '../compression/running';

const example = path.resolve(__dirname, '../../../examples/digits');
const INPUT = { name: 'image', layout: 'NCHW', channels: 'gray', scale: 1 / 255 };
/** Enough of the example's samples to learn from, and few enough for many trainings. */
const SAMPLES = { train: 1000, test: 300 };
/** How a training of these is short and the same each time. */
export const SHORT = { batch: 50, rate: 1e-3, threads: 1 } as const;

export interface LearningFolder {
  readonly folder: string;
  /** Carries out steps on a model of the folder; the result is `<name>.onnx`. */
  run(name: string, steps: readonly object[], options?: RunOptions): Promise<CompressOutcome>;
  file(name: string): string;
}

export interface RunOptions {
  /** Without it labels are left out. */
  readonly labelled?: boolean;
  readonly context?: JobContext;
  readonly watch?: TrainingWatch;
}

/** A folder with the example's network and its samples, with and without labels; the cache is its own. */
export function learningFolder(): LearningFolder {
  const folder = scratchFolder();
  const before = process.env['XDG_CACHE_HOME'];
  const file = (name: string): string => path.join(folder, name);
  const run: LearningFolder['run'] = (name, steps, options = {}) => {
    const { labelled = true, context = quietContext(), watch = {} } = options;
    const train = { path: labelled ? 'train.npz' : 'plain.npz', limit: SAMPLES.train };
    const data = { train, test: { path: 'test.npz', limit: SAMPLES.test }, input: INPUT };
    const recipe = recipeSchema.parse({ version: 1, data, steps });
    const request = { model: file('digits.onnx'), recipe, base: folder, output: file(`${name}.onnx`), overwrite: true };
    return compressModel(request, context, watch);
  };
  beforeAll(async () => {
    process.env['XDG_CACHE_HOME'] = file('cache');
    await mkdir(file('cache'));
    await cp(path.join(example, 'digits.onnx'), file('digits.onnx'));
    for (const name of ['train.npz', 'test.npz']) await cp(path.join(example, 'data', name), file(name));
    const { 'image.npy': image } = unzipSync(await readFile(file('train.npz')));
    await writeFile(file('plain.npz'), zipSync(image ? { 'image.npy': image } : {}));
  });
  afterAll(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  });
  return { folder, run, file };
}

/** A layer's weight of two dimensions or more, as it computes and as it is stored. */
export interface StoredLayer {
  readonly values: Float32Array;
  readonly encoding: Encoding;
  /** Of all tensors that it is unpacked from. */
  readonly bytes: number;
}

/** The weights of a file, whatever they are stored as, by the names of their layers. */
export async function storedLayers(file: string): Promise<Map<string, StoredLayer>> {
  const [model, kernels] = [await readModel(file), await loadKernels()];
  const reader = await openWeights(model);
  const found = new Map<string, StoredLayer>();
  for (const { name, weights } of layersOf(model)) {
    const weight = weights.find(({ role, shape }) => role === 'weight' && shape.length > 1);
    const values = weight && storedValues(kernels, reader, weight);
    if (!weight || !values) continue;
    const parts = weight.unpacking ? initializersOf(weight.unpacking) : [weight.stored];
    const bytes = parts.reduce((sum, part) => sum + weightBytes(part), 0);
    const stream = float32Stream(kernels, elementsOf(weight.shape), () => values);
    found.set(name, { values: await floatsOf(stream), encoding: weight.encoding, bytes });
  }
  await reader.close();
  return found;
}

async function floatsOf(stream: ByteStream): Promise<Float32Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.chunks()) chunks.push(Uint8Array.from(chunk));
  return new Float32Array(Uint8Array.from(Buffer.concat(chunks)).buffer);
}

export const zerosIn = (values: Float32Array): number => values.filter((value) => value === 0).length;
