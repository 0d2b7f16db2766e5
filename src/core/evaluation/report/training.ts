import type { DistilStep, TrainStep } from '../../recipe/train.schema';
import type { FormRecord } from '../../training/forms';
import type { Trained } from '../../training/train-model';
import type { Report } from '../report.schema';

/** What a report says of training. */
export function trainingFigures(
  step: TrainStep | DistilStep,
  { figure, outcome }: Trained,
  { learning, choosing, original }: { learning: number; choosing: number; original: number | null },
): NonNullable<Report['training']> {
  const { epochs, steps, bestStep, bestValue, ended, samplesPerSecond, trainingMs, curves, forms } = outcome;
  const shown = (value: number): number => (figure?.lowerIsBetter ? -value : value);
  return {
    ...{ epochs, steps, bestStep, ended, samplesPerSecond, trainingMs, seed: step.seed },
    samples: { learning, choosing },
    ...(original === null ? {} : { original }),
    forms: counted(forms),
    figure: figure === null || bestValue === null ? null : { ...figure, value: shown(bestValue) },
    curves: {
      loss: [...curves.loss],
      rate: [...curves.rate],
      selection: curves.selection.map((point) => ({ ...point, value: shown(point.value) })),
    },
  };
}

/** How often each form was chosen, by computation. */
function counted(forms: FormRecord): { computation: string; form: string; count: number }[] {
  const counts = new Map<string, { computation: string; form: string; count: number }>();
  for (const { computation, form } of forms) {
    const key = `${computation}: ${form}`;
    const { count } = counts.get(key) ?? { count: 0 };
    counts.set(key, { computation, form, count: count + 1 });
  }
  return [...counts.values()];
}
