import { expect, it } from 'vitest';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EdgewiseError } from '../../../src/core/errors';
import { openRoles, type Roles } from '../../../src/core/evaluation/data';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { compressInto } from '../../../src/core/recipe/compressed-file';
import { recipeFromFlags } from '../../../src/core/recipe/from-flags';
import { prepareJob } from '../../../src/core/recipe/preparation';
import { Staging } from '../../../src/core/recipe/staging';
import { openSession } from '../../../src/core/runtime/session';
import { isTensorDType, type Tensor } from '../../../src/core/runtime/tensor';
import { npz, type ArrayParts } from '../data/files';
import { isSentence } from '../formats/scratch';
import { scratchFolder } from './running';

/** What `--to` offers. */
const TARGETS = ['int8-weights', 'float16', 'int8'] as const;
type Target = (typeof TARGETS)[number];

/** A model, and the samples that it is calibrated with and run on: arrays by input, the batch first. */
export interface Case {
  readonly model: Model;
  readonly arrays: Record<string, ArrayParts>;
}

/** What came of compressing: how far outputs moved, as a share of the largest magnitude; or the sentence of a refusal. */
type Outcome = { readonly moved: number; readonly smaller: boolean } | { readonly refusal: string };

/** How far outputs may move: one weight, or one activation as well, in 8 bits moves a sum of 64 by about a hundredth. */
const NEARLY: Record<Target, number> = { 'int8-weights': 0.02, float16: 0.001, int8: 0.02 };

export const NO_WEIGHTS = /^"original\.onnx" has no weights, so there is nothing to compress/;
export const TOO_SMALL = /^"original\.onnx" has no weights that would become smaller this way/;
export const GROWS = /^"original\.onnx" would not become smaller this way/;
export const NOTHING_TO_DO = /^Static int8 has nothing to do in "original\.onnx": no Conv, Gemm or MatMul /;

const folder = scratchFolder();

/** A model that every target makes smaller with nearly the same outputs, except those that refuse it in a sentence. */
export function compresses(name: string, build: () => Case, refusals: Partial<Record<Target, RegExp>> = {}): void {
  it(name, async () => {
    for (const to of TARGETS) {
      const outcome = await compressed(build(), to, folder);
      const refusal = refusals[to];
      if (refusal === undefined) {
        expect(outcome).toMatchObject({ moved: expect.any(Number), smaller: true });
        if ('moved' in outcome) expect(outcome.moved).toBeLessThan(NEARLY[to]);
      } else {
        expect(outcome).toEqual({ refusal: expect.stringMatching(refusal) });
        if ('refusal' in outcome) expect(isSentence(outcome.refusal)).toBe(true);
      }
    }
  });
}

const DTYPES = new Map<unknown, string>([
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
  [Uint8Array, 'uint8'],
  [Uint16Array, 'float16'],
]);

function feeds(arrays: Record<string, ArrayParts>): Record<string, Tensor> {
  const entries = Object.entries(arrays).map(([name, { shape, values }]): [string, Tensor] => {
    const dtype = DTYPES.get(values.constructor) ?? '';
    if (!isTensorDType(dtype)) throw new Error(`${name} is of no type that a session takes.`);
    return [name, { dtype, shape, data: values }];
  });
  return Object.fromEntries(entries);
}

/** The tensors that ONNX Runtime gives for a file; sequences and what else is no tensor are left out. */
async function outputsOf(file: string, arrays: Case['arrays']): Promise<Record<string, Tensor>> {
  const session = await openSession(file, { threads: 1 });
  try {
    const tensors = session.outputs.filter(({ dtype }) => dtype !== null).map(({ name }) => name);
    return await session.run(feeds(arrays), tensors);
  } finally {
    await session.close();
  }
}

let cases = 0;

/**
 * Compresses as the command line does, up to what it measures: the file is read, the recipe carried out, the result
 * written and read back; then both files run on the same samples.
 */
async function compressed({ model, arrays }: Case, to: Target, scratch: string): Promise<Outcome> {
  const folder = path.join(scratch, `case ${cases++}`);
  mkdirSync(folder);
  const file = path.join(folder, 'original.onnx');
  writeFileSync(file, await encodeOnnx(model));
  writeFileSync(path.join(folder, 'samples.npz'), npz(arrays));
  const expected = await outputsOf(file, arrays);
  try {
    const { paths, smaller } = await carriedOut(file, folder, to);
    return { moved: distance(expected, await outputsOf(paths[0] ?? '', arrays)), smaller };
  } catch (error) {
    if (error instanceof EdgewiseError && error.kind !== 'internal' && error.kind !== 'runtime')
      return { refusal: error.message };
    throw error;
  }
}

async function carriedOut(
  file: string,
  folder: string,
  to: Target,
): Promise<{ paths: readonly string[]; smaller: boolean }> {
  const recipe = recipeFromFlags({ to, ...(to === 'int8' ? { calibration: 'samples.npz' } : {}) });
  const preparation = await prepareJob({ model: file, recipe, base: folder });
  const roles: Roles | null =
    recipe.data === undefined
      ? null
      : await openRoles(recipe.data, folder, preparation.summary.inputs, { model: '"original.onnx"' });
  const staging = await Staging.beside(preparation.output);
  const job = quietContext();
  try {
    const inputs = { job, calibration: roles?.calibration ?? null, sourceHash: '', warn: () => undefined };
    const { paths, summary } = await compressInto(staging, preparation, inputs);
    return { paths, smaller: summary.bytes < preparation.summary.bytes };
  } finally {
    await roles?.close();
  }
}

/** Below it, differences are the order of float32 sums. */
const SMALLEST_MAGNITUDE = 1e-3;

function distance(expected: Record<string, Tensor>, found: Record<string, Tensor>): number {
  let moved = 0;
  for (const [name, { shape, data }] of Object.entries(expected)) {
    const other = found[name];
    if (other === undefined || other.shape.join() !== shape.join())
      throw new Error(`The output ${name} changed shape.`);
    const [left, right] = [Array.from(data, Number), Array.from(other.data, Number)];
    const magnitude = left.reduce((most, value) => Math.max(most, Math.abs(value)), SMALLEST_MAGNITUDE);
    left.forEach((value, at) => {
      moved = Math.max(moved, Math.abs(value - (right[at] ?? NaN)) / magnitude);
    });
  }
  return moved;
}
