import type { FormRecord } from '../forms';
import type { Schedule } from '../schedules/schedule';

/** How long and how fast. */
export interface TrainingPlan {
  readonly epochs: number;
  /** The base learning rate; the schedule multiplies it. */
  readonly rate: number;
  readonly schedule: Schedule;
  /** Batches whose gradients are averaged before weights move. */
  readonly accumulate: number;
  readonly seed: number;
  /** Threads of the runtime: with the seed they decide every number. */
  readonly threads?: number;
  /** Steps between evaluations; default: an epoch. */
  readonly evaluateEvery?: number;
  /** Evaluations without anything better after which training ends; default: never. */
  readonly patience?: number;
  /** Steps between checkpoints, beside the one at each evaluation. Default: none. */
  readonly checkpointEvery?: number;
}

/** By what the best weights are chosen. */
export interface ChoosingFigure {
  /** "accuracy", "fidelity", or another headline. */
  readonly name: string;
  readonly lowerIsBetter: boolean;
}

/** What training tells while it runs. */
export type TrainingEvent =
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      readonly rate: number;
      /** Over the last steps, evaluations not counted. */
      readonly samplesPerSecond: number;
    }
  | {
      readonly kind: 'evaluation';
      readonly step: number;
      /** Larger is better: the negative where the figure's lower values are. */
      readonly value: number;
      readonly best: boolean;
      readonly figure?: ChoosingFigure;
    }
  /** What the model that the recipe began with reaches on the samples for choosing. */
  | {
      readonly kind: 'original';
      /** As it is measured. */
      readonly value: number;
      readonly figure: ChoosingFigure;
    }
  /** A checkpoint was there, and training goes on behind this step. */
  | { readonly kind: 'resumed'; readonly step: number }
  /** A checkpoint was written: what is cancelled now goes on behind this step. */
  | { readonly kind: 'saved'; readonly step: number };

/** A point of a curve. */
export interface CurvePoint {
  readonly step: number;
  readonly value: number;
}

export interface TrainingCurves {
  /** The mean since the point before. */
  readonly loss: readonly CurvePoint[];
  readonly rate: readonly CurvePoint[];
  /** On samples for choosing, never on the test set. */
  readonly selection: readonly CurvePoint[];
}

/** Buttons of who watches. */
export interface TrainingControl {
  /** Resolves when training may go on: at once, unless it is paused. */
  ready(): Promise<void>;
  /** Asked between steps: end here and keep the best so far. */
  readonly stopped: boolean;
}

export const UNCONTROLLED: TrainingControl = { ready: () => Promise.resolve(), stopped: false };

export interface TrainingOutcome {
  /** The best weights found, by variable: by evaluation, or the last ones where there was none. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly curves: TrainingCurves;
  readonly steps: number;
  readonly epochs: number;
  readonly bestStep: number;
  readonly bestValue: number | null;
  /** `overflowed`: the loss was no number any more, and the best weights before that are kept. */
  readonly ended: 'finished' | 'early' | 'stopped' | 'overflowed';
  /** Milliseconds of training, evaluations and pauses not counted. */
  readonly trainingMs: number;
  readonly samplesPerSecond: number;
  /** In which its computations were written. */
  readonly forms: FormRecord;
}
