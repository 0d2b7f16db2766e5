import type { Dimension } from '../../model/model';
import type { Extent } from './extent';
import { add, divideFloor, multiply, subtract, symbol } from './extent';

/** Parentheses nest no deeper in any exporter's output. */
const MAX_NESTING = 16;
const TOKEN = /\s*(\/\/|[-+*/()]|[^\s\-+*/()]+)/y;

/** A dimension as the file states it, with the user's values for symbols put in. Text that is no expression is one symbol. */
export function parseDimension(dimension: Dimension, dims: Readonly<Record<string, number>>): Extent {
  if (dimension === null) return null;
  if (typeof dimension === 'number') return Number.isSafeInteger(dimension) && dimension >= 0 ? dimension : null;
  const given = valueOf(dimension, dims);
  if (given !== null) return given;
  const tokens = tokenize(dimension);
  if (tokens === null) return symbol(dimension);
  const reader = { tokens, at: 0, dims };
  const parsed = readSum(reader, 0);
  return parsed === undefined || reader.at < tokens.length ? symbol(dimension) : parsed;
}

interface TokenReader {
  readonly tokens: readonly string[];
  readonly dims: Readonly<Record<string, number>>;
  at: number;
}

function valueOf(name: string, dims: Readonly<Record<string, number>>): number | null {
  return Object.hasOwn(dims, name) ? (dims[name] ?? null) : null;
}

function tokenize(text: string): string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match?.[1] === undefined) return null;
    tokens.push(match[1]);
  }
  return tokens;
}

/** Each level gives undefined where the text is no expression. */
function readSum(reader: TokenReader, depth: number): Extent | undefined {
  let total = readProduct(reader, depth);
  for (;;) {
    const operator = reader.tokens[reader.at];
    if (total === undefined || (operator !== '+' && operator !== '-')) return total;
    reader.at += 1;
    const right = readProduct(reader, depth);
    if (right === undefined) return undefined;
    total = operator === '+' ? add(total, right) : subtract(total, right);
  }
}

function readProduct(reader: TokenReader, depth: number): Extent | undefined {
  let total = readAtom(reader, depth);
  for (;;) {
    const operator = reader.tokens[reader.at];
    if (total === undefined || (operator !== '*' && operator !== '/' && operator !== '//')) return total;
    reader.at += 1;
    const right = readAtom(reader, depth);
    if (right === undefined) return undefined;
    total = operator === '*' ? multiply(total, right) : divideFloor(total, right);
  }
}

function readAtom(reader: TokenReader, depth: number): Extent | undefined {
  const token = reader.tokens[reader.at];
  if (token === undefined || depth > MAX_NESTING) return undefined;
  reader.at += 1;
  if (token === '(') {
    const inner = readSum(reader, depth + 1);
    if (reader.tokens[reader.at] !== ')') return undefined;
    reader.at += 1;
    return inner;
  }
  if (/^[-+*/)]/.test(token)) return undefined;
  if (/^\d+$/.test(token)) return Number(token);
  if (!/^[^\d]/.test(token)) return undefined;
  return valueOf(token, reader.dims) ?? symbol(token);
}
