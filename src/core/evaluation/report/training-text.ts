import type { Report } from '../report.schema';
import { bytesText, countText, integerText, judgedName, judgedText, numberText, percentText } from './figures';

type Training = NonNullable<Report['training']>;

const ENDED: Readonly<Record<Training['ended'], string>> = {
  finished: 'to its end',
  early: 'until nothing got better',
  stopped: 'until it was stopped',
  overflowed: 'until the loss was no number any more',
};

/** "accuracy 99.2 %", "relative error 0.012"; null where nothing was judged. */
export function trainingFigureText({ figure }: Training): string | null {
  if (figure === null) return null;
  const { name, value, lowerIsBetter } = figure;
  return `${name} ${!lowerIsBetter && value >= 0 && value <= 1 ? percentText(value) : numberText(value)}`;
}

/** How a model was trained, in a sentence for a terminal. */
export function trainingText(training: Training): string {
  const { epochs, steps, bestStep, samplesPerSecond, seed, ended } = training;
  const figure = trainingFigureText(training);
  const best =
    figure === null
      ? ''
      : `; the best weights are those of step ${integerText(bestStep)}, ${figure} on samples for choosing`;
  const speed = `${integerText(Math.round(samplesPerSecond))} samples/s, seed ${seed}`;
  return `Trained for ${epochs === 1 ? '1 epoch' : `${numberText(epochs)} epochs`} (${integerText(steps)} steps) ${ENDED[ended]}${best}. ${speed}.`;
}

/** The teachers of a student, each with what it was measured at. */
export function teachersText({ teachers = [], after }: Pick<Report, 'teachers' | 'after'>): string {
  return teachers
    .map(({ name, value, parameters, bytes }) => {
      const judged = value === null ? [] : [`${judgedName(after)} ${judgedText(after, value, 2)}`];
      return `Teacher ${name}: ${[...judged, `${countText(parameters)} parameters`, bytesText(bytes)].join(', ')}.`;
    })
    .join('\n');
}
