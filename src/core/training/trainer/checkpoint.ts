import type { FormRecord } from '../forms';
import type { SavedCurves } from './curves';

/** Everything from which training goes on to the same numbers. */
export interface Checkpoint {
  readonly step: number;
  readonly vectors: ReadonlyMap<string, Float32Array>;
  readonly best: {
    readonly step: number;
    readonly value: number;
    readonly values: ReadonlyMap<string, Float32Array>;
  } | null;
  /** Evaluations since the best. */
  readonly waited: number;
  /** What the schedule keeps. */
  readonly schedule: readonly number[];
  /** In which the graph was written: another form rounds otherwise. */
  readonly forms: FormRecord;
  readonly curves: SavedCurves;
  readonly trainingMs: number;
  readonly samples: number;
}

/** Where checkpoints of one training are kept. */
export interface CheckpointStore {
  /** The newest; null when there is none, or none of this training. */
  read(): Promise<Checkpoint | null>;
  write(checkpoint: Checkpoint): Promise<void>;
}

/**
 * The same store, whose file is read once for the two that ask when a training begins: for the forms in which its graph
 * was written, and for where it goes on. What was read is let go then.
 */
export function readOnce(store: CheckpointStore): CheckpointStore {
  let kept: Promise<Checkpoint | null> | null = null;
  return {
    read() {
      if (kept === null) return (kept = store.read());
      const again = kept;
      kept = null;
      return again;
    },
    async write(checkpoint) {
      kept = null;
      await store.write(checkpoint);
    },
  };
}
