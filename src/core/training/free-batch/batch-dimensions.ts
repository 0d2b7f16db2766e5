import { Inference } from '../../analysis/shapes';
import type { Model } from '../../model/model';

/** Lengths of a value with the batch that a model is fixed to. */
export interface BatchedShape {
  readonly lengths: readonly number[];
  /** The only axis whose length grows with the batch; null where none does. */
  readonly axis: number | null;
}

/** By how much the batch is larger where lengths are compared: no length of its own is likely to be mistaken for it. */
const FACTOR = 7;

/** Which axes of values the batch is in: shapes of a model with its own batch, beside those of a form that takes any. */
export class BatchDimensions {
  private readonly fixed: Inference;
  private free: Inference;

  /** @param symbol what the free form calls the batch */
  constructor(
    private readonly original: Model,
    private form: Model,
    private readonly symbol: string,
    readonly batch: number,
  ) {
    this.fixed = new Inference(original, {});
    this.free = this.inferred();
  }

  /** Goes on with a form that was rewritten further. */
  follow(form: Model): void {
    this.form = form;
    this.free = this.inferred();
  }

  /** A value that both have; null where a length is unknown, or more than one axis grows. */
  of(value: string): BatchedShape | null {
    const lengths = numbersIn(this.fixed.factsOf(this.original.graph, value).shape);
    const larger = numbersIn(this.free.factsOf(this.form.graph, value).shape);
    if (lengths === null || larger?.length !== lengths.length) return null;
    const grown = lengths.flatMap((length, axis) => (larger[axis] === length ? [] : [axis]));
    const [axis = null, ...more] = grown;
    if (axis === null) return { lengths, axis };
    return more.length === 0 && larger[axis] === (lengths[axis] ?? 0) * FACTOR ? { lengths, axis } : null;
  }

  /** Lengths in the original; null where one is unknown. */
  lengthsOf(value: string): readonly number[] | null {
    return numbersIn(this.fixed.factsOf(this.original.graph, value).shape);
  }

  /** The numbers of a small constant, as the original has them. */
  numbersOf(value: string): readonly number[] | null {
    return numbersIn(this.fixed.factsOf(this.original.graph, value).value);
  }

  private inferred(): Inference {
    return new Inference(this.form, { [this.symbol]: this.batch * FACTOR });
  }
}

function numbersIn(values: readonly unknown[] | null | undefined): readonly number[] | null {
  const numbers = values?.flatMap((value) => (typeof value === 'number' ? [value] : [])) ?? null;
  return numbers?.length === values?.length ? numbers : null;
}
