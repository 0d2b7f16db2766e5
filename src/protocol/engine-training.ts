/** What an engine that trains tells its host while it does. */
import type { Progress } from '../core/progress';

/** By what the best weights are chosen. */
export interface ChoosingFigure {
  /** "accuracy", "fidelity", or another headline. */
  readonly name: string;
  readonly lowerIsBetter: boolean;
}

export type TrainingNews =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | {
      readonly kind: 'steps';
      readonly step: number;
      /** Of the whole training; null with the very first. */
      readonly steps: number | null;
      readonly epoch: number;
      /** The mean since the news before. */
      readonly loss: number;
      readonly rate: number;
      readonly samplesPerSecond: number;
    }
  | {
      readonly kind: 'evaluation';
      readonly step: number;
      /** Larger is better: the negative where the figure's lower values are. */
      readonly value: number;
      readonly best: boolean;
      readonly figure: ChoosingFigure | null;
    }
  /** What the model that the recipe began with reaches on the samples for choosing, as it is measured. */
  | { readonly kind: 'original'; readonly value: number; readonly figure: ChoosingFigure }
  /** A checkpoint was there, or was written: training goes on behind this step. */
  | { readonly kind: 'resumed' | 'saved'; readonly step: number };
