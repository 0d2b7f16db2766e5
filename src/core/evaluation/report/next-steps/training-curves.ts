import type { Report } from '../../report.schema';

type Training = NonNullable<Report['training']>;

/** How the figure on the samples for choosing ended. */
export interface CurveEnd {
  /** "Accuracy" */
  readonly name: string;
  readonly trend: 'better' | 'worse' | 'level';
  /** By how much, without sign: since half of the training where it got better, since the best where it got worse. */
  readonly by: number;
  readonly since: number;
  readonly isShare: boolean;
}

/** Changes of less than these are level: a tenth of a point of a share, a hundredth of another figure. */
const LEAST_SHARE = 1e-3;
const LEAST_RELATIVE = 0.01;
/** A mean loss that is this much lower has fallen. */
const FALLEN = 0.9;

/** Null with fewer than two evaluations: one says nothing of where a curve goes. */
export function endOfCurve({ curves: { selection }, figure, bestStep }: Training): CurveEnd | null {
  const last = selection.at(-1);
  const first = selection[0];
  if (figure === null || last === undefined || first === undefined || selection.length < 2) return null;
  const isShare = !figure.lowerIsBetter && selection.every(({ value }) => value >= 0 && value <= 1);
  const name = `${figure.name.charAt(0).toUpperCase()}${figure.name.slice(1)}`;
  const rising = last.step === bestStep;
  const from = rising
    ? (selection[Math.floor((selection.length - 1) / 2)] ?? first)
    : (selection.find(({ step }) => step === bestStep) ?? first);
  const change = figure.lowerIsBetter ? from.value - last.value : last.value - from.value;
  const least = isShare ? LEAST_SHARE : Math.abs(from.value) * LEAST_RELATIVE;
  const trend = Math.abs(change) < least ? 'level' : change > 0 ? 'better' : 'worse';
  return { name, trend, by: Math.abs(change), since: from.step, isShare };
}

/** Whether the mean loss after a step is lower than that of as many steps before it. */
export function lossFellAfter({ curves: { loss } }: Training, step: number): boolean {
  const after = loss.filter((point) => point.step > step);
  const before = loss.filter((point) => point.step <= step).slice(-after.length);
  if (after.length === 0 || before.length === 0) return false;
  const mean = (points: Training['curves']['loss']): number =>
    points.reduce((sum, { value }) => sum + value, 0) / points.length;
  return mean(after) < FALLEN * mean(before);
}
