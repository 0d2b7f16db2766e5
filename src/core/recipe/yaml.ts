import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { messageOf } from '../errors';

/** Aliases may not multiply a small text into a large value. */
const MAX_ALIASES = 100;
/** Recipes nest six deep; the parser takes a time that grows with the square of the depth, and its stack ends. */
const MAX_DEPTH = 64;

/** A YAML text, and where its parts are. */
export interface YamlText {
  readonly value: unknown;
  /** The line of the value at a path, or null where the text has none. */
  lineAt(path: readonly (string | number)[]): number | null;
}

/** Why a text is no YAML that can be read here, with its line where it has one. */
export class YamlProblem extends Error {
  constructor(
    message: string,
    readonly line: number | null,
    cause?: unknown,
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
  if (problem) throw new YamlProblem(`this is not valid YAML: ${sentence(problem.message)}`, lineOf(problem.pos[0]));
  const repeated = repeatedKey(document);
  if (repeated) throw new YamlProblem(`'${repeated.key}' is there twice`, lineOf(repeated.offset));
  return {
    value: toValue(document),
    lineAt(path) {
      const offset = offsetOf(document, path);
      return offset === null ? null : lineOf(offset);
    },
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

function offsetOf(document: Document, path: readonly (string | number)[]): number | null {
  // A key that has no business there is looked for itself; a value is where it begins.
  const parent = document.getIn(path.slice(0, -1), true);
  const last = path[path.length - 1];
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
    if (pair && isScalar(pair.key)) return rangeStart(pair.value) ?? pair.key.range?.[0] ?? null;
  }
  return rangeStart(document.getIn(path, true));
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : null;
}

/** The first line of a message, without its full stop, as the end of a sentence. */
function sentence(message: string): string {
  const first = (message.split('\n')[0] ?? '').replace(/\.$/, '');
  return first.charAt(0).toLowerCase() + first.slice(1);
}
