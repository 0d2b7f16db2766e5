import { EdgewiseError } from '../../errors';
import type { DType } from '../../model/dtype';

/** A value of a training graph. Batches are fixed when the graph is built, so shapes are numbers. */
export class Term {
  constructor(
    readonly name: string,
    readonly dtype: DType,
    /** The same as `shape`; null where it is open. Enough for what is only computed forward. */
    readonly knownShape: readonly number[] | null,
  ) {}

  /**
   * Length of each dimension.
   * @throws EdgewiseError `unsupported` where the model leaves it open until it runs
   */
  get shape(): readonly number[] {
    if (this.knownShape !== null) return this.knownShape;
    throw new EdgewiseError(
      'unsupported',
      `The shape of "${this.name}" is known only when the model runs, and a gradient needs it. Export the model with fixed sizes.`,
    );
  }

  /** Whether small changes of it mean anything: gradients end at integers, booleans and strings. */
  get differentiable(): boolean {
    return this.dtype === 'float32';
  }
}

/** What a node gives: the type of one output, before it has a name. */
export interface TermType {
  readonly dtype: DType;
  readonly shape: readonly number[] | null;
}

export function float32(shape: readonly number[] | null): TermType {
  return { dtype: 'float32', shape };
}
