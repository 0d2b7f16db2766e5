import type { Outline, Range } from './outline';

/**
 * Where an object of the model was read from. `of` is that very object: a copy made by spreading carries the same
 * origin, and is known to be changed because it is not `of`.
 */
export class Origin<T extends object = object> {
  of: T | null = null;

  constructor(
    readonly outline: Outline,
    /** The message, without tag and length. */
    readonly range: Range,
  ) {}
}

/** Makes an object that remembers where it came from. */
export function withOrigin<T extends object>(outline: Outline, range: Range, make: (origin: Origin<T>) => T): T {
  const origin = new Origin<T>(outline, range);
  const made = make(origin);
  origin.of = made;
  return made;
}

/** An object as it was read, and the message that it was read from. */
export interface Read<T> {
  readonly was: T;
  readonly outline: Outline;
  readonly range: Range;
}

/** What an object, or the object that it is a changed copy of, was read from; null for new ones. */
export function readFrom<T extends { readonly origin?: unknown }>(holder: T): Read<T> | null {
  const origin: unknown = holder.origin;
  if (!(origin instanceof Origin)) return null;
  const was: unknown = origin.of;
  return isReadAs<T>(was, holder) ? { was, outline: origin.outline, range: origin.range } : null;
}

/** Only an object's own copies carry its origin, so both are of one type. */
function isReadAs<T extends { readonly origin?: unknown }>(was: unknown, holder: T): was is T {
  return typeof was === 'object' && was !== null && 'origin' in was && was.origin === holder.origin;
}
