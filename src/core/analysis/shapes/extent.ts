import type { Dimension } from '../../model/model';

/**
 * The length of a dimension while shapes are computed: a number, an expression over symbols in one normal form
 * (so that equal lengths compare equal), or null where nothing is known.
 */
export type Extent = number | Expression | null;

/** A sum of products with integer coefficients. At least one term holds an atom. */
export interface Expression {
  readonly terms: readonly Term[];
}

interface Term {
  readonly coefficient: number;
  /** Symbols, and divisions rendered as text ("(h+1)/2"), sorted. Empty for the constant. */
  readonly atoms: readonly string[];
}

/** Expressions longer than this explain nothing to a reader; they become unknown. */
const MAX_TERMS = 16;
const MAX_ATOMS = 8;
const MAX_TEXT = 200;

export function symbol(name: string): Extent {
  return name.length > 0 && name.length <= MAX_TEXT ? { terms: [{ coefficient: 1, atoms: [name] }] } : null;
}

/** A number that is exact as a double; otherwise unknown. */
export function checked(value: number): number | null {
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : null;
}

export function add(left: Extent, right: Extent): Extent {
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return checked(left + right);
  return normalized([...termsOf(left), ...termsOf(right)]);
}

export function subtract(left: Extent, right: Extent): Extent {
  return add(left, multiply(right, -1));
}

export function multiply(left: Extent, right: Extent): Extent {
  if (left === 0 || right === 0) return 0;
  if (left === null || right === null) return null;
  if (typeof left === 'number' && typeof right === 'number') return checked(left * right);
  const terms: Term[] = [];
  for (const a of termsOf(left)) {
    for (const b of termsOf(right)) {
      terms.push({ coefficient: a.coefficient * b.coefficient, atoms: [...a.atoms, ...b.atoms].sort() });
    }
  }
  return normalized(terms);
}

export function product(extents: readonly Extent[]): Extent {
  return extents.includes(0) ? 0 : extents.reduce<Extent>((total, extent) => multiply(total, extent), 1);
}

/** `floor(value / divisor)` for a positive divisor: what divides is divided, the rest stays as one atom. */
export function divideFloor(value: Extent, divisor: Extent): Extent {
  if (value === null || divisor === null) return null;
  if (typeof divisor !== 'number') return divideExact(value, divisor);
  if (!(divisor > 0)) return null;
  if (typeof value === 'number') return Math.floor(value / divisor);
  if (divisor === 1) return value;
  if (!Number.isInteger(divisor)) return null;
  const whole: Term[] = [];
  const rest: Term[] = [];
  for (const { coefficient, atoms } of value.terms) {
    const quotient = Math.floor(coefficient / divisor);
    const remainder = coefficient - quotient * divisor;
    if (atoms.length > 0 && remainder !== 0) {
      rest.push({ coefficient, atoms });
      continue;
    }
    if (quotient !== 0) whole.push({ coefficient: quotient, atoms });
    if (remainder !== 0) rest.push({ coefficient: remainder, atoms });
  }
  const common = rest.reduce((factor, term) => greatestCommonDivisor(factor, term.coefficient), divisor);
  const remainder = normalized(rest.map((term) => ({ ...term, coefficient: term.coefficient / common })));
  if (remainder === null) return null;
  if (typeof remainder === 'number') return normalized(whole);
  return add(normalized(whole), symbol(`(${extentText(remainder)})/${divisor / common}`));
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? Math.abs(left) : greatestCommonDivisor(right, left % right);
}

/** `ceil(value / divisor)` for a positive integer divisor. */
export function divideCeil(value: Extent, divisor: number): Extent {
  return divideFloor(add(value, divisor - 1), divisor);
}

/** The quotient where the divisor is one product that divides every term, or equals the value; otherwise null. */
export function divideExact(value: Extent, divisor: Extent): Extent {
  if (value === null || divisor === null || divisor === 0) return null;
  if (value === 0) return 0;
  if (sameExtent(value, divisor)) return 1;
  const by = termsOf(divisor);
  const single = by[0];
  if (by.length !== 1 || single === undefined) return null;
  const quotient: Term[] = [];
  for (const { coefficient, atoms } of termsOf(value)) {
    const left = withoutAtoms(atoms, single.atoms);
    if (left === null || coefficient % single.coefficient !== 0) return null;
    quotient.push({ coefficient: coefficient / single.coefficient, atoms: left });
  }
  return normalized(quotient);
}

/** True when both are known and equal whatever the symbols stand for. */
export function sameExtent(left: Extent, right: Extent): boolean {
  if (left === null || right === null) return false;
  if (typeof left === 'number' || typeof right === 'number') return left === right;
  return left === right || extentText(left) === extentText(right);
}

/** "batch*49", "(h+1)/2", "seq+3". */
export function extentText(extent: number | Expression): string {
  if (typeof extent === 'number') return String(extent);
  return extent.terms.map(termText).join('').replace(/^\+/, '');
}

/** What leaves this folder: text for expressions. */
export function toDimension(extent: Extent): Dimension {
  if (extent === null) return null;
  if (typeof extent !== 'number') return extentText(extent);
  return Number.isInteger(extent) && extent >= 0 ? extent : null;
}

function termText({ coefficient, atoms }: Term): string {
  const sign = coefficient < 0 ? '-' : '+';
  const size = Math.abs(coefficient);
  if (atoms.length === 0) return `${sign}${size}`;
  const alone = atoms.length === 1 && size === 1;
  const factors = atoms.map((atom) => (alone || !atom.startsWith('(') ? atom : `(${atom})`));
  return sign + [...factors, ...(size === 1 ? [] : [String(size)])].join('*');
}

function termsOf(extent: number | Expression): readonly Term[] {
  return typeof extent === 'number' ? [{ coefficient: extent, atoms: [] }] : extent.terms;
}

/** Merges equal products, sorts (the constant last); a number when no atom is left, null when it grew beyond use. */
function normalized(terms: readonly Term[]): Extent {
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const key = term.atoms.join('*');
    const coefficient = checked((merged.get(key)?.coefficient ?? 0) + term.coefficient);
    if (coefficient === null || term.atoms.length > MAX_ATOMS) return null;
    merged.set(key, { coefficient, atoms: term.atoms });
  }
  const kept = [...merged.entries()].filter(([, term]) => term.coefficient !== 0);
  if (kept.length === 0) return 0;
  const first = kept[0]?.[1];
  if (kept.length === 1 && first?.atoms.length === 0) return first.coefficient;
  if (kept.length > MAX_TERMS) return null;
  kept.sort(([a], [b]) => Number(a === '') - Number(b === '') || (a < b ? -1 : 1));
  const expression = { terms: kept.map(([, term]) => term) };
  return extentText(expression).length <= MAX_TEXT ? expression : null;
}

function withoutAtoms(atoms: readonly string[], removed: readonly string[]): string[] | null {
  const left = [...atoms];
  for (const atom of removed) {
    const at = left.indexOf(atom);
    if (at < 0) return null;
    left.splice(at, 1);
  }
  return left;
}
