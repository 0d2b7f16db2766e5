import { valuesOfSample, type JudgedBatch, type MetricSubject, type OutputValues } from './metric';

/** What the model wrote for a sample of a batch, and what it should have; without the spaces around, which nobody sees. */
export type WrittenText = (batch: JudgedBatch, index: number) => { written: string; expected: string };

/**
 * For models that give scores of characters step by step, `[batch, steps, characters]`, where the data hold texts and
 * an alphabet; null for others.
 */
export function writtenText({ set, outputs }: MetricSubject): WrittenText | null {
  const { texts, alphabet } = set;
  const output = outputs.find(({ dtype, shape }) => dtype !== null && shape?.length === 3);
  if (texts === undefined || alphabet === undefined || output === undefined) return null;
  return (batch, index) => {
    const scores = batch.outputs[output.name];
    const expected = (texts[batch.positions[index] ?? -1] ?? '').trim();
    return { written: scores === undefined ? '' : decodeGreedily(scores, index, alphabet).trim(), expected };
  };
}

/**
 * The best character of each step, repetitions and blanks (character 0) left out (Graves and others, Connectionist
 * Temporal Classification, 2006, section 3.2). A character behind the alphabet is a space, as PP-OCR counts.
 */
function decodeGreedily(scores: OutputValues, index: number, alphabet: readonly string[]): string {
  const [steps = 0, characters = 0] = scores.shape;
  const values = valuesOfSample(scores, index);
  let text = '';
  let last = 0;
  for (let step = 0; step < steps; step++) {
    let best = 0;
    for (let one = 1; one < characters; one++) {
      if ((values[step * characters + one] ?? 0) > (values[step * characters + best] ?? 0)) best = one;
    }
    if (best !== 0 && best !== last) text += alphabet[best - 1] ?? ' ';
    last = best;
  }
  return text;
}

/** Levenshtein's distance of two texts, in characters (code points). */
export function editDistance(one: string, other: string): number {
  const [from, to] = [[...one], [...other]];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, character] of from.entries()) {
    const next = [at + 1];
    for (const [place, wanted] of to.entries()) {
      const replaced = (row[place] ?? 0) + (character === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
