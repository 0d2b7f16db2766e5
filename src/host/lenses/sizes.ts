import type { PythonValue } from './python-values';

/** A size read off a script; null where it cannot be. */
export type Size = number | null;

/** Reads an argument of a constructor by name or position; `usual` is what leaving it out means. */
export type Argument = (name: string, position: number, usual?: PythonValue) => PythonValue | undefined;

/** Parameters that a constructor makes: a number, or a formula in words where an input's size is not in the line. */
export type Parameters = number | string | null;

export type Rule = (argument: Argument) => Parameters;

export function size(value: PythonValue | undefined): Size {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Of a kernel or a shape: one number for every one of `rank` dimensions, or one each. */
export function volume(value: PythonValue | undefined, rank: number): Size {
  if (!Array.isArray(value)) {
    const side = size(value);
    return side === null ? null : side ** rank;
  }
  return times(...value.map(size));
}

export function times(...factors: readonly Size[]): Size {
  return factors.reduce<Size>((product, factor) => (product === null || factor === null ? null : product * factor), 1);
}

export function plus(...terms: readonly Size[]): Size {
  return terms.reduce<Size>((sum, term) => (sum === null || term === null ? null : sum + term), 0);
}

/** Channels of one group; null where they cannot be told or do not divide. */
export function perGroup(channels: Size, groups: Size): Size {
  if (channels === null || groups === null || groups === 0 || channels % groups !== 0) return null;
  return channels / groups;
}

/** A switch: true or false as written or left out; null where it is an expression. */
export function flag(value: PythonValue | undefined): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

/** `amount` when the switch is on, 0 when it is off. */
export function when(value: PythonValue | undefined, amount: Size): Size {
  const on = flag(value);
  if (on === null) return null;
  return on ? amount : 0;
}
