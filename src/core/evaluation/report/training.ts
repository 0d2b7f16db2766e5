import type { DistilStep, TrainStep } from '../../recipe/train.schema';
import type { Trained } from '../../training/train-model';
import type { Report } from '../report.schema';

/** What a report says of training. */
export function trainingFigures(
  step: TrainStep | DistilStep,
  { figure, outcome }: Trained,
): NonNullable<Report['training']> {
  const { epochs, steps, bestStep, bestValue, ended, samplesPerSecond, trainingMs, curves } = outcome;
  const shown = (value: number): number => (figure?.lowerIsBetter ? -value : value);
  return {
    ...{ epochs, steps, bestStep, ended, samplesPerSecond, trainingMs, seed: step.seed },
    figure: figure === null || bestValue === null ? null : { ...figure, value: shown(bestValue) },
    curves: {
      loss: [...curves.loss],
      rate: [...curves.rate],
      selection: curves.selection.map((point) => ({ ...point, value: shown(point.value) })),
    },
  };
}
