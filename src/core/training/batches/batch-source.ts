import type { Tensor } from '../../runtime/tensor';

/** Batches in the order in which they are trained on; the same for a seed, whoever prepares them. */
export interface BatchSource {
  /** Batches until every sample was seen once. Samples that do not fill one are left for the next epoch's order. */
  readonly stepsPerEpoch: number;
  /** Samples a batch. */
  readonly size: number;
  /** What is fed at a step, from 0, by the names that the training graph gives them. Steps are asked for in order. */
  feeds(step: number): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}
