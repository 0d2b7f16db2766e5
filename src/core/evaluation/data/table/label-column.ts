import { classOrder, countedClasses } from '../class-order';
import { badData } from '../complaint';
import { checkLabels } from '../labels';
import type { RawSet, SourceRequest } from '../raw-set';
import { numberOf, type Cell, type Table } from './table';

/** Rows read at a time: a column of labels is small, the row groups that it comes in are not. */
const ROWS_AT_A_TIME = 4096;
/** More different texts than this are no names of classes. */
const MOST_CLASSES = 100_000;

/**
 * A column of labels: class numbers, names of classes (in alphabetical order, unless the recipe orders them), or texts
 * where the model writes.
 * @throws EdgewiseError `bad-data` naming the first row that has none
 */
export async function readLabelColumn(
  table: Table,
  column: string,
  request: SourceRequest,
): Promise<Pick<RawSet, 'labels' | 'classNames' | 'texts' | 'alphabet'>> {
  const { classNames, alphabet } = request;
  const cells = await wholeColumn(table, column);
  if (alphabet !== null)
    return { labels: null, classNames: null, texts: cells.map((cell) => String(cell ?? '')), alphabet };
  const known = classNames ?? table.classNames(column);
  const numbers = cells.map(numberOf);
  const isNames = known !== null && cells.every((cell) => typeof cell === 'string' && known.includes(cell));
  if (!isNames && numbers.every((number) => number !== null)) {
    const labels = Int32Array.from(numbers, (number, row) => classNumber(table, column, row, number ?? NaN));
    checkLabels(labels, known?.length ?? null, `Column ${column} of "${table.file}"`, table.file);
    return known === null ? { labels, classNames: null } : reordered(labels, known, request);
  }
  return namedLabels(table, column, cells, request);
}

/** Every cell of a column. */
export async function wholeColumn(table: Table, column: string): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (let start = 0; start < table.length; start += ROWS_AT_A_TIME) {
    const count = Math.min(ROWS_AT_A_TIME, table.length - start);
    for (const cell of await table.read(
      column,
      Array.from({ length: count }, (_, index) => start + index),
    )) {
      cells.push(cell);
    }
  }
  return cells;
}

/** Class numbers of the file in the model's order of classes. */
function reordered(
  labels: Int32Array,
  names: readonly string[],
  request: SourceRequest,
): Pick<RawSet, 'labels' | 'classNames'> {
  const { classNames, places } = countedClasses(names, request);
  return { labels: labels.map((label) => places[label] ?? label), classNames };
}

function classNumber(table: Table, column: string, row: number, number: number): number {
  if (Number.isInteger(number) && Math.abs(number) < 2 ** 31) return number;
  throw badData(
    table.file,
    `Column ${column} of "${table.file}" holds ${number} in row ${row}, which is no class number. Name columns of values to predict target_<output>.`,
  );
}

function namedLabels(
  table: Table,
  column: string,
  cells: readonly Cell[],
  request: SourceRequest,
): Pick<RawSet, 'labels' | 'classNames'> {
  const empty = cells.findIndex((cell) => typeof cell !== 'string' || cell === '');
  if (empty >= 0) {
    throw badData(
      table.file,
      `Column ${column} of "${table.file}" has no label in row ${empty}. Remove the row, or label it.`,
    );
  }
  const texts = cells.map(String);
  const names = request.classNames ?? table.classNames(column) ?? classOrder([...new Set(texts)].sort(), request);
  if (names.length > MOST_CLASSES) {
    throw badData(table.file, `Column ${column} of "${table.file}" holds ${names.length} different texts: no classes.`);
  }
  const places = new Map(names.map((name, place) => [name, place]));
  const labels = Int32Array.from(texts, (text) => places.get(text) ?? -1);
  const wrong = labels.indexOf(-1);
  if (wrong < 0) return { labels, classNames: names };
  throw badData(
    table.file,
    `Column ${column} of "${table.file}" holds "${texts[wrong] ?? ''}" in row ${wrong}, which is not one of the classes that the recipe names.`,
  );
}
