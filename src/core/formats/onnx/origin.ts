import type { Outline, Range } from './outline';

/**
 * Where an object of the model was read from. `of` is that very object: a copy made by spreading carries the same
 * origin, and is known to be changed because it is not `of`.
 */
export class Origin {
  of: object | null = null;

  constructor(
    readonly outline: Outline,
    /** The message, without tag and length. */
    readonly range: Range,
  ) {}
}

/** Makes an object that remembers where it came from. */
export function withOrigin<T extends object>(outline: Outline, range: Range, make: (origin: Origin) => T): T {
  const origin = new Origin(outline, range);
  const made = make(origin);
  origin.of = made;
  return made;
}

export function originOf(holder: { readonly origin?: unknown }): Origin | undefined {
  return holder.origin instanceof Origin ? holder.origin : undefined;
}

/** The message that an object was read from, when the object is still as it was read. */
export function unchangedOrigin(holder: { readonly origin?: unknown }): Origin | undefined {
  const origin = originOf(holder);
  return origin?.of === holder ? origin : undefined;
}
