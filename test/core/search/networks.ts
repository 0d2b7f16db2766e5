import { readModel, formatOf } from '../../../src/core/formats';
import type { DataSet } from '../../../src/core/evaluation/data';
import { quietContext } from '../../../src/core/progress';
import type { Model } from '../../../src/core/model/model';
import { initializer, model, node, value } from '../compression/models';
import { seeded } from '../formats/scratch';

const INPUTS = 32;
const HIDDEN = 256;
const CLASSES = 10;

/** Numbers of a normal distribution (Box and Muller), the same for the same seed. */
function normal(seed: number): () => number {
  const random = seeded(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const filled = (count: number, make: (index: number) => number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => make(index));

interface Planted {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Weights of a classifier of 32 numbers. Errors of the first layer average out over 256 neurons. What tells classes
 * apart in the second is a 25th of what all classes have in common, which drowns in the error of a few bits.
 */
function plantedWeights(): Planted {
  const next = normal(1);
  const common = filled(HIDDEN, () => 1.5 * next());
  return {
    first: filled(INPUTS * HIDDEN, () => next() / Math.sqrt(INPUTS)),
    second: filled(HIDDEN * CLASSES, (index) => (common[Math.floor(index / CLASSES)] ?? 0) + 0.06 * next()),
  };
}

/** The classifier with a sensitive last layer, written to a file and read from it. */
export async function plantedModel(file: string): Promise<Model> {
  const { first, second } = plantedWeights();
  const built = model(
    {
      nodes: [
        node('MatMul', ['x', 'robust.weight'], ['h']),
        node('Relu', ['h'], ['r']),
        node('MatMul', ['r', 'sensitive.weight'], ['y']),
      ],
      weights: [
        initializer('robust.weight', [INPUTS, HIDDEN], first),
        initializer('sensitive.weight', [HIDDEN, CLASSES], second),
      ],
      inputs: [value('x', ['n', INPUTS])],
      outputs: [value('y', ['n', CLASSES])],
    },
    18,
  );
  await formatOf('onnx').write(built, file, { context: quietContext(), overwrite: true });
  return readModel(file);
}

/** Samples whose labels are drawn by the model's own probabilities: it is as sure as it is right. */
export function plantedSamples(count: number, seed: number): { inputs: Float32Array; labels: Int32Array } {
  const { first, second } = plantedWeights();
  const next = normal(seed);
  const random = seeded(seed + 1);
  const inputs = filled(count * INPUTS, next);
  const labels = Int32Array.from({ length: count }, (_, sample) => {
    const hidden = filled(HIDDEN, (neuron) => {
      let sum = 0;
      for (let at = 0; at < INPUTS; at++)
        sum += (inputs[sample * INPUTS + at] ?? 0) * (first[at * HIDDEN + neuron] ?? 0);
      return Math.max(0, sum);
    });
    const scores = Array.from({ length: CLASSES }, (_, label) =>
      hidden.reduce((sum, each, neuron) => sum + each * (second[neuron * CLASSES + label] ?? 0), 0),
    );
    return drawn(scores, random());
  });
  return { inputs, labels };
}

/** A class by the probabilities that scores stand for. */
function drawn(scores: readonly number[], chance: number): number {
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(4 * (score - highest)));
  let left = chance * weights.reduce((sum, each) => sum + each, 0);
  return weights.findIndex((each) => (left -= each) < 0);
}

/** Samples in memory as a set. */
export function setOf(inputs: Float32Array, labels: Int32Array | null): DataSet {
  return {
    source: 'planted',
    length: inputs.length / INPUTS,
    inputs: { x: { dtype: 'float32', shape: [INPUTS] } },
    labels,
    classNames: null,
    batch: (indices) => {
      const data = new Float32Array(indices.length * INPUTS);
      indices.forEach((from, to) => data.set(inputs.subarray(from * INPUTS, (from + 1) * INPUTS), to * INPUTS));
      return Promise.resolve({ inputs: { x: { dtype: 'float32', shape: [indices.length, INPUTS], data } } });
    },
    picture: () => Promise.resolve(null),
  };
}
