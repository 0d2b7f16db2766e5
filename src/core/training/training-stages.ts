import type { NamedValues, TrainingTransform } from './transform';

/** A part of a training that has a graph of its own. */
export interface TrainingStage {
  /** The share of the training after which it begins, from 0. */
  readonly begin: number;
  readonly transforms: readonly TrainingTransform[];
  /** Whether normalization stands still, and is computed as folding leaves it. */
  readonly isFrozen: boolean;
  /** Variables that become something else when it begins. */
  enter(values: NamedValues): NamedValues;
}

/**
 * The stages of a training, the first one from its start on.
 * @param frozenAfter the share of the training after which normalization stands still; left out: it does not change
 */
export function trainingStages(
  transforms: readonly TrainingTransform[],
  frozenAfter: number | undefined,
): readonly [TrainingStage, ...TrainingStage[]] {
  const stageAt = (begin: number, before: number | null): TrainingStage => {
    const now = transforms.map((transform) => formAt(transform, begin));
    const earlier = new Set(before === null ? now : transforms.map((transform) => formAt(transform, before)));
    return {
      ...{ begin, transforms: now, isFrozen: frozenAfter !== undefined && begin >= frozenAfter },
      enter(values) {
        const changes = new Map<string, Float32Array>();
        for (const transform of now)
          if (!earlier.has(transform))
            for (const [name, value] of transform.enter?.(values) ?? []) changes.set(name, value);
        return changes;
      },
    };
  };
  const changes = transforms.flatMap(({ before = [] }) => before.map(({ until }) => until));
  const begins = [...new Set([...changes, ...(frozenAfter === undefined ? [] : [frozenAfter])])].sort((a, b) => a - b);
  return [stageAt(0, null), ...begins.map((begin, index) => stageAt(begin, begins[index - 1] ?? 0))];
}

const formAt = (transform: TrainingTransform, share: number): TrainingTransform =>
  transform.before?.find(({ until }) => share < until)?.transform ?? transform;

/** The step, from 0, with which a stage begins. */
export const firstStepOf = ({ begin }: Pick<TrainingStage, 'begin'>, total: number): number =>
  Math.floor(begin * total);

/** The stage whose graph made the step before `step`. */
export function stageBefore(stages: readonly TrainingStage[], step: number, total: number): TrainingStage | undefined {
  return stages.filter((stage) => firstStepOf(stage, total) < step).at(-1) ?? stages[0];
}

/** Values after `step` steps as the last stage has them: of a training that ended before it began. */
export function asLastStage(
  stages: readonly TrainingStage[],
  values: NamedValues,
  step: number,
  total: number,
): NamedValues {
  return stages
    .slice(1)
    .filter((stage) => firstStepOf(stage, total) >= step)
    .reduce<NamedValues>((now, stage) => new Map([...now, ...stage.enter(now)]), values);
}
