import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { messageOf } from '../errors';

/** Aliases may not multiply a small text into a large value. */
const MAX_ALIASES = 100;
/** Recipes nest six deep; the parser takes a time that grows with the square of the depth, and its stack ends. */
const MAX_DEPTH = 64;

/** Offsets in a text; the end is the first that is not in it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A YAML text, and where its parts are. */
export interface YamlText {
  readonly value: unknown;
  /** The line of the value at a path, or null where the text has none. */
  lineAt(path: readonly (string | number)[]): number | null;
  /** Where the value at a path lies in the text, or its key where that is what is wrong; null where the text has none. */
  rangeAt(path: readonly (string | number)[]): TextRange | null;
}

/** Why a text is no YAML that can be read here, with its line where it has one. */
export class YamlProblem extends Error {
  constructor(
    message: string,
    readonly line: number | null,
    cause?: unknown,
    readonly range: TextRange | null = null,
  ) {
    super(message, { cause });
  }
}

/**
 * Reads YAML: core schema, no custom tags, bounded nesting and aliases, every key once.
 * @throws YamlProblem
 */
export function readYaml(text: string): YamlText {
  if (isTooDeep(text)) throw new YamlProblem('it is nested too deeply', null);
  const lines = new LineCounter();
  const document = parse(text, lines);
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const [start, end] = problem.pos;
    const message = `this is not valid YAML: ${sentence(problem.message)}`;
    throw new YamlProblem(message, lineOf(start), undefined, { start, end });
  }
  const repeated = repeatedKey(document);
  if (repeated) {
    const { key, offset } = repeated;
    const range = { start: offset, end: offset + key.length };
    throw new YamlProblem(`'${key}' is there twice`, lineOf(offset), undefined, range);
  }
  return {
    value: toValue(document),
    lineAt(path) {
      const range = rangeOf(document, path);
      return range === null ? null : lineOf(range.start);
    },
    rangeAt: (path) => rangeOf(document, path),
  };
}

function parse(text: string, lines: LineCounter): Document {
  try {
    // Keys are compared below: the parser compares each with each.
    const options = { schema: 'core', lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false };
    return parseDocument(text, options);
  } catch (cause) {
    throw new YamlProblem(`this is not valid YAML: ${sentence(messageOf(cause))}`, null, cause);
  }
}

function toValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw new YamlProblem('its aliases expand too far; write the values out', null, cause);
  }
}

/** A look at brackets and at what begins a line, without parsing: brackets in texts count, too, and are rarely many. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const sign of text) {
    if (sign === '[' || sign === '{') depth++;
    if (sign === ']' || sign === '}') depth--;
    if (depth > MAX_DEPTH) return true;
  }
  const indicators = new RegExp(`^[ \\t]*(?:[-?:&!*]\\S*[ \\t]+){${MAX_DEPTH}}`, 'm');
  return indicators.test(text) || new RegExp(`^ {${MAX_DEPTH * 8}}`, 'm').test(text);
}

function repeatedKey(document: Document): { key: string; offset: number } | null {
  let found: { key: string; offset: number } | null = null;
  visit(document, {
    Map(_key, node) {
      const seen = new Set<unknown>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found = { key: String(key.value), offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

function rangeOf(document: Document, path: readonly (string | number)[]): TextRange | null {
  // A key that has no business there is looked for itself; a value is where it begins.
  const parent = document.getIn(path.slice(0, -1), true);
  const last = path[path.length - 1];
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
    if (pair && isScalar(pair.key)) return nodeRange(pair.value) ?? nodeRange(pair.key);
  }
  return nodeRange(document.getIn(path, true));
}

/** Of a node's own value, without what follows it. */
function nodeRange(node: unknown): TextRange | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const [start, end]: unknown[] = node.range;
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : null;
}

/** The first line of a message, without its full stop, as the end of a sentence. */
function sentence(message: string): string {
  const first = (message.split('\n')[0] ?? '').replace(/\.$/, '');
  return first.charAt(0).toLowerCase() + first.slice(1);
}
