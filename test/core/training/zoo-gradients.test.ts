import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../src/core/formats';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { readFloats } from '../../../src/core/compression/graph/float-weights';
import { elementsOf, type Model } from '../../../src/core/model/model';
import type { Tensor } from '../../../src/core/runtime/tensor';
import { differentiate } from '../../../src/core/training/gradients/differentiate';
import { importModel } from '../../../src/core/training/graph/import-model';
import { Term } from '../../../src/core/training/graph/term';
import { crossEntropy } from '../../../src/core/training/losses/cross-entropy';
import { hasShared, sharedPath } from '../../shared';
import { newBuilder, runGraph } from './gradients/check';

/** PyTorch's numbers: at most 1,024 evenly spaced elements of each tensor, and the norm of all of them. */
interface StoredTensor {
  readonly size: number;
  readonly step: number;
  readonly norm: number;
}

interface ZooCase {
  readonly file: string;
  readonly normalization: 'training' | 'frozen';
  readonly loss: number;
  readonly gradients: Readonly<Record<string, StoredTensor>>;
  readonly running: Readonly<Record<string, StoredTensor>>;
}

const fixture = (name: string): Buffer => readFileSync(path.resolve(__dirname, '../../fixtures/gradients', name));
const CASES = JSON.parse(fixture('zoo.json').toString()) as readonly ZooCase[];
const SAMPLES = new Float32Array(new Uint8Array(fixture('zoo.bin')).buffer);
const BATCH = 32;
/** Of the difference, beside the gradient's norm; in training mode the batch's statistics are rounded too. */
const TOLERANCE = { frozen: 1e-4, training: 1e-3 };
/** Gradients smaller than this part of all of them are rounding. */
const NEGLIGIBLE = 1e-3;
const RUNNING_TOLERANCE = 1e-4;

function batch(): { images: Tensor; labels: Tensor } {
  const unpacked = (name: string): Buffer => gunzipSync(readFileSync(sharedPath('data/fashion-mnist', name)));
  const pixels = unpacked('train-images-idx3-ubyte.gz').subarray(16, 16 + BATCH * 784);
  const labels = unpacked('train-labels-idx1-ubyte.gz').subarray(8, 8 + BATCH);
  return {
    images: { dtype: 'float32', shape: [BATCH, 1, 28, 28], data: Float32Array.from(pixels, (value) => value / 255) },
    labels: { dtype: 'int64', shape: [BATCH], data: BigInt64Array.from(labels, BigInt) },
  };
}

interface Answers {
  readonly loss: number;
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly running: ReadonlyMap<string, Float32Array>;
}

/** One step's forward and backward, weights fed as a training graph feeds them. */
async function answersOf(model: Model, { normalization, gradients: wantedNames }: ZooCase): Promise<Answers> {
  const build = newBuilder(model.opsets.get('') ?? 17);
  const { images, labels } = batch();
  const input = new Term('images', 'float32', images.shape);
  const target = new Term('labels', 'int64', labels.shape);
  const feeds = new Map<Term, Tensor>([
    [input, images],
    [target, labels],
  ]);
  const given = new Map<string, Term>([[model.graph.inputs[0]?.name ?? '', input]]);
  const reader = await openWeights(model);
  for (const weight of model.graph.weights.values()) {
    if (weight.dtype !== 'float32' || elementsOf(weight.shape) < 2) continue;
    const term = new Term(build.names.like(weight.name), 'float32', weight.shape);
    given.set(weight.name, term);
    feeds.set(term, { dtype: 'float32', shape: weight.shape, data: await readFloats(reader, weight) });
  }
  await reader.close();
  const updates = new Map<string, Term>();
  const values = importModel(build, model, {
    ...{ dims: { batch: BATCH }, given, mode: { normalization, dropout: false } },
    random: () => input,
    update: (weight, value) => updates.set(weight, value),
  });
  const scores = values.get(model.graph.outputs[0]?.name ?? '');
  if (!scores) throw new Error('the network has no output');
  const parts = { build, value: () => scores, output: scores, fed: () => target, learned: () => target };
  const loss = crossEntropy()(parts);
  const wanted = Object.keys(wantedNames).flatMap((name) => given.get(name) ?? []);
  const gradients = differentiate(build, loss, wanted);
  const results = await runGraph(build, feeds, [loss, ...new Set([...gradients.values(), ...updates.values()])]);
  const numbers = (term: Term | undefined): Float32Array =>
    Float32Array.from(results[term?.name ?? '']?.data ?? [], Number);
  return {
    loss: numbers(loss)[0] ?? NaN,
    gradients: new Map(
      Object.keys(wantedNames).map((name) => [name, numbers(gradients.get(given.get(name)?.name ?? ''))]),
    ),
    running: new Map([...updates].map(([name, term]) => [name, numbers(term)])),
  };
}

/** Where each case's tensors begin among the samples, in the order in which they were written. */
const tensorsOf = ({ gradients, running }: ZooCase): (readonly [string, StoredTensor])[] => [
  ...Object.entries(gradients),
  ...Object.entries(running),
];
const countOf = ({ size, step }: StoredTensor): number => Math.ceil(size / step);

function samplesOf(given: ZooCase, name: string): Float32Array {
  const before = CASES.slice(0, CASES.indexOf(given)).flatMap(tensorsOf);
  const own = tensorsOf(given);
  const index = own.findIndex(([each]) => each === name);
  const start = [...before, ...own.slice(0, index)].reduce((sum, [, tensor]) => sum + countOf(tensor), 0);
  const tensor = own[index]?.[1];
  return SAMPLES.subarray(start, start + (tensor ? countOf(tensor) : 0));
}

/** Norm of the difference, estimated from the samples. */
function difference(got: Float32Array, stored: StoredTensor, samples: Float32Array): number {
  const squares = samples.reduce((sum, value, index) => sum + (value - (got[index * stored.step] ?? NaN)) ** 2, 0);
  return Math.sqrt((squares * stored.size) / samples.length);
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe.skipIf(!hasShared("PyTorch's gradients of the reference networks", 'zoo'))(
  "gradients are PyTorch's on the reference networks",
  () => {
    for (const given of CASES)
      it(`${given.file}, batch normalization ${given.normalization}`, async () => {
        const answers = await answersOf(await readModel(sharedPath('zoo', given.file)), given);
        expect(answers.loss).toBeCloseTo(given.loss, 4);
        const whole = Math.hypot(...Object.values(given.gradients).map((tensor) => tensor.norm));
        const tolerance = TOLERANCE[given.normalization];
        for (const [name, stored] of Object.entries(given.gradients)) {
          const got = answers.gradients.get(name) ?? new Float32Array();
          const allowed = tolerance * Math.max(stored.norm, NEGLIGIBLE * whole);
          expect(got.length, name).toBe(stored.size);
          expect(difference(got, stored, samplesOf(given, name)), `gradient of ${name}`).toBeLessThanOrEqual(allowed);
          expect(Math.abs(norm(got) - stored.norm), `norm of the gradient of ${name}`).toBeLessThanOrEqual(allowed);
        }
        expect([...answers.running.keys()].sort()).toEqual(Object.keys(given.running).sort());
        for (const [name, stored] of Object.entries(given.running)) {
          const got = answers.running.get(name) ?? new Float32Array();
          const off = difference(got, stored, samplesOf(given, name));
          expect(off, name).toBeLessThanOrEqual(RUNNING_TOLERANCE * stored.norm);
        }
      });
  },
);
