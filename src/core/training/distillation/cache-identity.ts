import { createHash, type Hash } from 'node:crypto';
import type { DataSet } from '../../evaluation/data';
import { openWeights } from '../../formats/weight-reader';
import type { Attribute, Model } from '../../model/model';
import type { TeacherModel } from './teacher-binding';

/** Samples that stand for a data set: enough to tell other data and another preprocessing. */
const MOST_SAMPLES = 64;

/**
 * SHA-256, in hex, of all that a teacher's answers depend on: the teachers' graphs and weights, what is asked of them,
 * and the data as they are shown (a part of the samples, as preprocessing makes them).
 * @param asked values, temperature, seed and changes of samples
 */
export async function cacheIdentity(
  teachers: readonly TeacherModel[],
  train: DataSet,
  asked: unknown,
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([asked, train.source, train.length]));
  for (const { model } of teachers) await addModel(hash, model);
  const count = Math.min(MOST_SAMPLES, train.length);
  const positions = Array.from({ length: count }, (_, index) => Math.floor((index * train.length) / count));
  if (count > 0) {
    const { inputs } = await train.batch(positions);
    for (const { data } of Object.values(inputs))
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

async function addModel(hash: Hash, model: Model): Promise<void> {
  const { nodes, outputs, weights } = model.graph;
  const graph = nodes.map(({ opType, domain, inputs, outputs: made, attributes }) => [
    ...[opType, domain, inputs, made],
    [...attributes].map(([name, attribute]) => [name, numbersOf(attribute)]),
  ]);
  hash.update(JSON.stringify([graph, outputs.map(({ name }) => name), [...model.opsets]]));
  const reader = await openWeights(model);
  try {
    for (const weight of weights.values()) {
      hash.update(JSON.stringify([weight.name, weight.dtype, weight.shape]));
      if (weight.data.kind === 'strings') continue;
      for await (const chunk of reader.stream(weight).chunks()) hash.update(chunk);
    }
  } finally {
    await reader.close();
  }
}

function numbersOf(attribute: Attribute): unknown {
  switch (attribute.kind) {
    case 'tensor':
      return [attribute.value.dtype, attribute.value.shape, attribute.value.data];
    case 'graph':
      return attribute.value.nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs]);
    case 'graphs':
    case 'opaque':
      return attribute.kind;
    default:
      return attribute.value;
  }
}
