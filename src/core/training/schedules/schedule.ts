/** What the learning rate is multiplied with at a step, from 0 to 1 of the base rate (one-cycle begins below it). */
export interface Schedule {
  /** @param step from 0 @param total steps in all */
  factor(step: number, total: number): number;
  /** Told after each evaluation; only `plateau` listens. Larger is better. */
  evaluated?(value: number): void;
  /** What `evaluated` has left behind, for a checkpoint; and back. */
  save?(): readonly number[];
  restore?(saved: readonly number[]): void;
}
