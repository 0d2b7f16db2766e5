import { runInNewContext } from 'node:vm';
import { EdgewiseError } from '../errors';
import { orList } from './allowed';
import { nearestNames } from './nearest-names';

/** Longer patterns are no patterns of names. */
const MAX_PATTERN = 200;
/** A pattern that has not gone through a model's names after this time never will: some take exponential time. */
const PATTERN_MS = 500;

/** What a pattern can be about: a layer of a summary, or of an analysis. */
export interface NamedLayer {
  readonly name: string;
  readonly operator: string;
  /** What it multiplies by: the first and the last layer are such. Where it is not stated, every layer counts. */
  readonly weights?: readonly { readonly role: string; readonly shape: readonly number[] }[];
}

/** Words for layers by their place, which no layer or operator of the model has as its name. */
const PLACES: Readonly<Record<string, (layers: readonly NamedLayer[]) => NamedLayer | undefined>> = {
  first: (layers) => layers.find(multiplies),
  last: (layers) => layers.filter(multiplies).at(-1),
};

function multiplies({ weights }: NamedLayer): boolean {
  return weights?.some(({ role, shape }) => role === 'weight' && shape.length > 1) ?? true;
}

/**
 * The layers that patterns stand for: a layer's name, an operator ("Conv": all its layers), `first` or `last` (of those
 * with weights), or a regular expression between slashes ("/^head/", "/norm/i"), in this order of precedence.
 * @param file what sentences call the model
 * @throws EdgewiseError `usage` for a pattern that names nothing, with the nearest names, or that is none
 */
export function layersNamed(
  patterns: readonly string[],
  layers: readonly NamedLayer[],
  file: string,
): ReadonlySet<string> {
  const names = new Set(layers.map(({ name }) => name));
  return new Set(patterns.flatMap((pattern) => matches(pattern, layers, names, file)));
}

function matches(
  pattern: string,
  layers: readonly NamedLayer[],
  names: ReadonlySet<string>,
  file: string,
): readonly string[] {
  if (names.has(pattern)) return [pattern];
  const byOperator = layers.filter(({ operator }) => operator === pattern);
  if (byOperator.length > 0) return byOperator.map(({ name }) => name);
  const placed = Object.hasOwn(PLACES, pattern) ? PLACES[pattern]?.(layers) : undefined;
  if (placed !== undefined) return [placed.name];
  const expression = /^\/(.+)\/(i?)$/s.exec(pattern);
  if (expression === null) throw unknown(pattern, layers, names, file);
  const found = byExpression(pattern, expression[1] ?? '', expression[2] ?? '', [...names]);
  if (found.length === 0)
    throw usage(`No layer of ${file} has a name that ${pattern} matches: "edgewise inspect ${file}" lists them.`);
  return found;
}

/** In a context of its own, which can be left when a pattern takes too long. */
function byExpression(pattern: string, source: string, flags: string, names: string[]): string[] {
  if (pattern.length > MAX_PATTERN)
    throw usage(`A pattern for layers has ${pattern.length} characters; use at most ${MAX_PATTERN}.`);
  try {
    const matched: unknown = runInNewContext(
      'const expression = new RegExp(source, flags); JSON.stringify(names.map((name) => expression.test(name)))',
      { source, flags, names },
      { timeout: PATTERN_MS },
    );
    const answers: unknown = JSON.parse(String(matched));
    return names.filter((_, at) => Array.isArray(answers) && answers[at] === true);
  } catch (cause) {
    // Errors of another context are no instances of this one's.
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
    const slow = code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    const problem = slow ? 'takes too long on the names of this model' : 'is no regular expression';
    throw new EdgewiseError(
      'usage',
      `The pattern ${pattern} for layers ${problem}. Use one such as /^head/, or the layers' names.`,
      { cause },
    );
  }
}

function unknown(
  pattern: string,
  layers: readonly NamedLayer[],
  names: ReadonlySet<string>,
  file: string,
): EdgewiseError {
  const operators = new Set(layers.map(({ operator }) => operator));
  const near = nearestNames(pattern, [...names, ...operators]).map((name) => `"${name}"`);
  const hint = near.length === 0 ? `"edgewise inspect ${file}" lists them.` : `did you mean ${orList(near)}?`;
  return usage(`There is no layer or operator "${pattern}" in ${file}: ${hint}`);
}

function usage(sentence: string): EdgewiseError {
  return new EdgewiseError('usage', sentence);
}
