import { toDoubles } from '../data/conversion';
import type { Tensor } from '../../runtime/tensor';
import type { Estimate } from '../estimates';
import { runOfRatio, valuesOfSample, type Metric, type MetricSubject } from './metric';

const IDS = 'input_ids';
const MASK = 'attention_mask';

/**
 * exp of the mean negative logarithm of the probability that a language model gives each next token: `[batch, tokens,
 * vocabulary]` of scores for `input_ids` of `[batch, tokens]`; padding (attention_mask 0) is left out. It needs no
 * labels, and says nothing of models that see the tokens that they are asked for (BERT).
 */
export const perplexity: Metric = {
  name: 'perplexity',
  headline: 'perplexity',
  unit: 'number',
  better: 'lower',
  open(subject) {
    const name = nextTokenOutput(subject);
    if (name === null) return null;
    const run = runOfRatio((batch, index) => {
      const scores = batch.outputs[name];
      const ids = rowOf(batch.inputs[IDS], index);
      const mask = batch.inputs[MASK] === undefined ? ids.map(() => 1) : rowOf(batch.inputs[MASK], index);
      const vocabulary = scores?.shape[1];
      if (scores === undefined || vocabulary === undefined || scores.shape[0] !== ids.length) return null;
      return surprise(valuesOfSample(scores, index), vocabulary, ids, mask);
    });
    return {
      add: (batch) => run.add(batch),
      estimate: () => exponentials(run.estimate()),
      get samples() {
        return run.samples;
      },
      scores: null,
    };
  },
};

/** The output that has scores of the whole vocabulary for each token. */
function nextTokenOutput({ inputs, outputs, set }: MetricSubject): string | null {
  if (!inputs.some(({ name }) => name === IDS) || set.labels !== null || set.targets !== undefined) return null;
  const found = outputs.find(({ name, shape }) => shape?.length === 3 && (name === 'logits' || outputs.length === 1));
  return found?.name ?? null;
}

function rowOf(tensor: Tensor | undefined, index: number): Float64Array {
  if (tensor === undefined) return new Float64Array();
  const [batch = 1] = tensor.shape;
  const size = tensor.data.length / batch;
  return toDoubles(tensor.dtype, tensor.data.subarray(index * size, (index + 1) * size));
}

/** Negative logarithms of the probabilities of all tokens but the first, and how many they are. */
function surprise(
  scores: Float64Array,
  vocabulary: number,
  ids: Float64Array,
  mask: Float64Array,
): { above: number; below: number } {
  let above = 0;
  let below = 0;
  for (let token = 1; token < ids.length; token++) {
    if (mask[token] === 0 || mask[token - 1] === 0) continue;
    const row = scores.subarray((token - 1) * vocabulary, token * vocabulary);
    const highest = row.reduce((most, score) => Math.max(most, score), -Infinity);
    const total = row.reduce((sum, score) => sum + Math.exp(score - highest), 0);
    above += highest + Math.log(total) - (row[ids[token] ?? -1] ?? NaN);
    below++;
  }
  return { above, below };
}

function exponentials({ value, interval }: Estimate): Estimate {
  return {
    value: value === null ? null : Math.exp(value),
    interval: interval === null ? null : [Math.exp(interval[0]), Math.exp(interval[1])],
  };
}
