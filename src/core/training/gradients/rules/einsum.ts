import { stringAttribute } from '../../../compression/graph/attributes';
import { mul } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reshape } from '../../graph/shaping';
import { float32, type Term } from '../../graph/term';
import { rule, type RuleFamily } from '../family';
import type { GradientRule } from '../rule';

interface Equation {
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Letters that stand for the dimensions of an ellipsis, counted from the last one; equations hardly use these. */
const ELLIPSIS = 'ZYXWVUTSRQ';

/** The equation with a letter for every dimension. Without an output, it has the letters that occur once, in order. */
function parse(text: string, ranks: readonly number[]): Equation {
  const [left = '', right] = text.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const hidden = terms.map((term, index) => (term.includes('...') ? (ranks[index] ?? 0) - term.length + 3 : 0));
  const letters = (count: number): string => [...ELLIPSIS.slice(0, count)].reverse().join('');
  const spelled = (term: string, count: number): string => term.replace('...', letters(count));
  const widest = Math.max(0, ...hidden);
  const inputs = terms.map((term, index) => spelled(term, hidden[index] ?? 0));
  const all = [...terms.join('').replaceAll('.', '')];
  const once = [...new Set(all)].filter((letter) => all.filter((each) => each === letter).length === 1).sort();
  return { inputs, output: right === undefined ? letters(widest) + once.join('') : spelled(right, widest) };
}

/** 1 where the two axes that share a letter are at the same position: a diagonal takes no other element. */
function onDiagonal(build: GraphBuilder, letters: string, shape: readonly number[]): Term | null {
  const positions = [...letters].map((letter) => letters.indexOf(letter));
  if (positions.every((position, axis) => position === axis)) return null;
  return positions.reduce<Term | null>((mask, position, axis) => {
    if (position === axis) return mask;
    const length = shape[axis] ?? 1;
    const identity = Array.from({ length: length ** 2 }, (_, at) => (at % (length + 1) === 0 ? 1 : 0));
    const both = shape.map((_, each) => (each === axis || each === position ? length : 1));
    const single = build.constant(identity, both);
    return mask ? mul(build, mask, single) : single;
  }, null);
}

/** An operand's gradient is the product of the others and the output's gradient, with the operand's letters left. */
const einsumGradient: GradientRule = ({ build, node, inputs, outputs: [y], gradients: [dy], wanted }) => {
  const terms = inputs.filter((input) => input !== null);
  if (!y || !dy) return [];
  const equation = parse(
    stringAttribute(node, 'equation', ''),
    terms.map(({ shape }) => shape.length),
  );
  return terms.map((term, index) => {
    if (!wanted[index]) return null;
    const own = equation.inputs[index] ?? '';
    const others = terms.filter((_, each) => each !== index);
    const read = [equation.output, ...equation.inputs.filter((_, each) => each !== index)];
    const lengths = lengthsOf(read, [dy, ...others]);
    // Letters that only this operand has were summed over: the gradient is the same along them.
    const kept = [...new Set(own)].filter((letter) => lengths.has(letter));
    const result = build.one('Einsum', [dy, ...others], float32(kept.map((letter) => lengths.get(letter) ?? 1)), {
      equation: { kind: 'string', value: `${read.join()}->${kept.join('')}` },
    });
    const firstOf = (letter: string, axis: number): boolean => own.indexOf(letter) === axis;
    const aligned = [...own].map((letter, axis) => (firstOf(letter, axis) ? (lengths.get(letter) ?? 1) : 1));
    const spread = reshape(build, result, aligned);
    const diagonal = onDiagonal(build, own, term.shape);
    return diagonal ? mul(build, spread, diagonal) : spread;
  });
};

/** A letter's longest dimension: where another is 1, it is repeated. */
function lengthsOf(read: readonly string[], terms: readonly Term[]): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  terms.forEach(({ shape }, index) => {
    [...(read[index] ?? '')].forEach((letter, axis) => {
      lengths.set(letter, Math.max(lengths.get(letter) ?? 1, shape[axis] ?? 1));
    });
  });
  return lengths;
}

export const EINSUM: RuleFamily = { Einsum: rule(einsumGradient) };
