/** What an engine that trains tells its host while it does. */
import type { Progress } from '../core/progress';
import type { ChoosingFigure, TrainingEvent } from '../core/training/trainer/plan';

type Event<Kind extends TrainingEvent['kind']> = Extract<TrainingEvent, { kind: Kind }>;

/** Steps since the news before, put together: `loss` is their mean. */
interface Steps extends Omit<Event<'step'>, 'kind'> {
  readonly kind: 'steps';
  /** Of the whole training; null with the very first. */
  readonly steps: number | null;
}

interface Evaluation extends Omit<Event<'evaluation'>, 'figure'> {
  readonly figure: ChoosingFigure | null;
}

export type TrainingNews =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | Steps
  | Evaluation
  | Event<'original' | 'resumed' | 'saved'>;
