import { EdgewiseError } from '../errors';
import type { Measurement } from '../evaluation/measurement.schema';
import { percentText } from '../evaluation/report/figures';

/** Fewer answers tell too little about a model to stop the work for. */
const ENOUGH_SAMPLES = 30;
/** A weak model is not a broken one: only what is close to guessing stops the work. */
const CLOSE_TO_CHANCE = 2;

const LIKELY = 'wrong normalization or labels? Check scale, mean, deviation, layout and labels of the data.';

/**
 * True when a model answers about as well as guessing: its accuracy is not surely above one in `classes`, and not twice
 * that either. Such a model says nothing about what compression costs; most often its data are prepared wrongly.
 */
export function isNearChance({ metric, value, interval, samples }: Measurement, classes: number): boolean {
  if (metric !== 'accuracy' || value === null || interval === null) return false;
  if (samples < ENOUGH_SAMPLES || classes < 2) return false;
  const chance = 1 / classes;
  return interval[0] <= chance && value < CLOSE_TO_CHANCE * chance;
}

/** A measurement that says so where the model only guesses: the figure is real, and most likely not what was meant. */
export function markNearChance(measurement: Measurement, classes: number | null): Measurement {
  if (classes === null || !isNearChance(measurement, classes)) return measurement;
  return { ...measurement, reason: `This is no better than guessing among ${classes} classes: ${LIKELY}` };
}

/** @param hint what would help, where it was found */
export function nearChance(
  { value }: Measurement,
  classes: number,
  model: string,
  hint: string | null = null,
): EdgewiseError {
  const sentence = `Accuracy of ${model} before compression is ${percentText(value ?? 0)}, no better than guessing among ${classes} classes: ${LIKELY}`;
  return new EdgewiseError('bad-data', hint === null ? sentence : `${sentence} ${hint}`, { file: model });
}
