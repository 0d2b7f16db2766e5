import { ENTRY, type FieldPath } from './schema';

/** What is being written at a place in a recipe's text. */
export interface Cursor {
  /** The mapping or list that it is in; for a value, its field too. */
  readonly path: FieldPath;
  readonly writes: 'field' | 'value';
  /** What is written of it already. */
  readonly prefix: string;
  /** Fields that the mapping has already, as far as they are in lines of the same depth. */
  readonly present: readonly string[];
}

/** A field or a dash of a line, and its column. */
interface Mark {
  readonly column: number;
  /** Null for a dash. */
  readonly field: string | null;
}

const FIELD = /^([\w-]+)[ \t]*:(?=[ \t]|$)/;

/**
 * Reads the text before a place line by line: it is half written there, so no parser would have it. Block style, and
 * flow style within one line.
 */
export function cursorAt(text: string, offset: number): Cursor {
  const lines = text.slice(0, offset).split('\n');
  const line = lines.pop() ?? '';
  const { marks, rest, column } = marksOf(line);
  const last = marks[marks.length - 1];
  const field = last?.field ?? null;
  const own = marks.map(nameOf);
  const outer = ancestors(lines, marks[0]?.column ?? column, marks[0]?.field === null);
  const path = [...outer, ...own];
  const flow = flowAt(rest, path);
  if (flow !== null) return flow;
  if (field !== null) return { path, writes: 'value', prefix: rest, present: [] };
  return { path, writes: 'field', prefix: rest, present: siblings(text, lines.length, column) };
}

function nameOf({ field }: Mark): string {
  return field ?? ENTRY;
}

/** Dashes and the field that a line begins with, what follows them, and in which column that is. */
function marksOf(line: string): { marks: Mark[]; rest: string; column: number } {
  const marks: Mark[] = [];
  let column = line.length - line.trimStart().length;
  let rest = line.slice(column);
  for (let dash = /^-(?:[ \t]+|$)/.exec(rest); dash !== null; dash = /^-(?:[ \t]+|$)/.exec(rest)) {
    marks.push({ column, field: null });
    column += dash[0].length;
    rest = rest.slice(dash[0].length);
  }
  const [whole, field] = FIELD.exec(rest) ?? [];
  if (whole === undefined || field === undefined) return { marks, rest, column };
  marks.push({ column, field });
  return { marks, rest: rest.slice(whole.length).trimStart(), column };
}

/** The fields and lists that a column is inside of, the outermost first. */
function ancestors(lines: readonly string[], column: number, isDash: boolean): string[] {
  const path: string[] = [];
  let [inside, dash] = [column, isDash];
  for (const line of [...lines].reverse()) {
    const { marks, rest } = marksOf(line);
    if (marks.length === 0 && (rest === '' || rest.startsWith('#'))) continue;
    for (const mark of [...marks].reverse()) {
      // A list may begin in the column of its field.
      const holds = mark.column < inside || (dash && mark.field !== null && mark.column === inside);
      if (!holds) continue;
      path.unshift(nameOf(mark));
      [inside, dash] = [mark.column, mark.field === null];
    }
  }
  return path;
}

/** The place inside the brackets that are open at the end of a text; null where none are. */
function flowAt(text: string, path: readonly string[]): Cursor | null {
  const open = lastOpen(text);
  if (open === null) return null;
  const inside = text.slice(open + 1);
  const parts = inside.split(',');
  const part = (parts.pop() ?? '').trimStart();
  const outer = flowPath(text.slice(0, open), path);
  if (text[open] === '[') return { path: [...outer, ENTRY], writes: 'value', prefix: part, present: [] };
  const present = parts.flatMap((one) => FIELD.exec(one.trim())?.[1] ?? []);
  const [whole, field] = FIELD.exec(part) ?? [];
  if (whole === undefined || field === undefined) return { path: outer, writes: 'field', prefix: part, present };
  return { path: [...outer, field], writes: 'value', prefix: part.slice(whole.length).trimStart(), present: [] };
}

/** The field that the brackets behind a text belong to. */
function flowPath(text: string, path: readonly string[]): readonly string[] {
  const outer = flowAt(text, path);
  return outer === null ? path : outer.path;
}

/** The bracket that is still open at the end; brackets in quoted texts do not count. */
function lastOpen(text: string): number | null {
  const open: number[] = [];
  let quote = '';
  for (const [at, sign] of [...text].entries()) {
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '{' || sign === '[') open.push(at);
    else if (sign === '}' || sign === ']') open.pop();
  }
  return open[open.length - 1] ?? null;
}

/** Fields of the same mapping as a line: lines of its column, up to a line further left on each side. */
function siblings(text: string, line: number, column: number): string[] {
  const lines = text.split('\n');
  const around = [lines.slice(0, line).reverse(), lines.slice(line + 1)];
  return around.flatMap((side) => {
    const found: string[] = [];
    for (const one of side) {
      const { marks, rest, column: begins } = marksOf(one);
      if (marks.length === 0 && (rest === '' || rest.startsWith('#'))) continue;
      const mark = marks.find(({ field, column: at }) => field !== null && at === column);
      if (mark?.field) found.push(mark.field);
      const first = marks[0]?.column ?? begins;
      if (first < column) break;
    }
    return found;
  });
}
