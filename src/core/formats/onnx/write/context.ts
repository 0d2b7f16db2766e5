import type { Outline, Range } from '../outline';
import { readFrom } from '../origin';
import type { Field } from '../outline';
import type { Message } from './message';
import type { WeightStorage } from './storage';

/** What every part of the writer shares while one model is encoded. */
export interface WriteContext {
  /** The file that the model was read from; null for a model made from nothing. */
  readonly outline: Outline | null;
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly storage: WeightStorage;
}

/** A message of the file that is being written anew: fields that did not change are taken from it. */
export class Template<T> {
  private readonly fields: readonly Field[];

  constructor(
    readonly was: T,
    readonly outline: Outline,
    readonly range: Range,
  ) {
    this.fields = [...outline.fields(range)];
  }

  /** The fields with a number, in order. */
  numbered(number: number): Field[] {
    return this.fields.filter((field) => field.number === number);
  }

  copy(message: Message, number: number): void {
    for (const field of this.numbered(number)) message.copy(this.outline, field);
  }

  /** Copies every field but those that the writer encodes itself: texts, unknown fields, whatever came later. */
  copyOthers(message: Message, encoded: ReadonlySet<number>): void {
    for (const field of this.fields) if (!encoded.has(field.number)) message.copy(this.outline, field);
  }
}

/** The message that an object was read from; null for a new object, and for one that came from another file. */
export function templateOf<T extends { readonly origin?: unknown }>(
  context: WriteContext,
  holder: T,
): Template<T> | null {
  const read = readFrom(holder);
  if (read === null || read.outline !== context.outline) return null;
  return new Template(read.was, read.outline, read.range);
}

/** Where an object stands in the file when it is still as it was read; null when it must be encoded. */
export function unchangedRange(context: WriteContext, holder: { readonly origin?: unknown }): Range | null {
  const read = readFrom(holder);
  return read !== null && read.outline === context.outline && read.was === holder ? read.range : null;
}
