import type { ClassResults } from './measurement.schema';

/** Larger matrices are no table any more, and would make reports of megabytes. */
const MOST_CONFUSION_CLASSES = 100;
/** ImageNet's whole vocabulary has 21,841. */
const MOST_CLASSES = 25_000;
const MOST_CONFUSED_PAIRS = 20;

/**
 * How a classifier did on each class.
 * @param answers class of each sample, negative where there is none
 * @param classes how many classes the model tells apart
 * @returns null for more classes than a report can hold
 */
export function classResults(
  answers: Int32Array,
  labels: Int32Array,
  classes: number,
  names: readonly string[] | null,
): ClassResults | null {
  if (classes > MOST_CLASSES) return null;
  const perClass = Array.from({ length: classes }, (_, label) => ({
    name: names?.[label] ?? String(label),
    samples: 0,
    answered: 0,
    correct: 0,
  }));
  const pairs = new Map<number, number>();
  labels.forEach((label, sample) => {
    const answer = answers[sample] ?? -1;
    const [of, as] = [perClass[label], perClass[answer]];
    if (of) of.samples++;
    if (as) as.answered++;
    if (of && answer === label) of.correct++;
    if (of && as) pairs.set(label * classes + answer, (pairs.get(label * classes + answer) ?? 0) + 1);
  });
  return { perClass, confusion: confusionOf(pairs, classes), confused: confusedPairs(pairs, classes) };
}

function confusionOf(pairs: ReadonlyMap<number, number>, classes: number): number[][] | null {
  if (classes > MOST_CONFUSION_CLASSES) return null;
  return Array.from({ length: classes }, (_row, label) =>
    Array.from({ length: classes }, (_cell, answer) => pairs.get(label * classes + answer) ?? 0),
  );
}

function confusedPairs(pairs: ReadonlyMap<number, number>, classes: number): NonNullable<ClassResults['confused']> {
  return [...pairs]
    .map(([pair, samples]) => ({ label: Math.floor(pair / classes), answer: pair % classes, samples }))
    .filter(({ label, answer }) => label !== answer)
    .sort((a, b) => b.samples - a.samples || a.label - b.label || a.answer - b.answer)
    .slice(0, MOST_CONFUSED_PAIRS);
}
