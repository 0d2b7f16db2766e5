import { badData } from '../complaint';
import { onlyTarget } from '../matching';
import { boxesColumn, readBoxes, type BoxesColumn } from './boxes-column';
import { CHOOSE_COLUMN, quotedNames } from './column-names';
import { readLabelColumn } from './label-column';
import { numberColumns, numberColumn } from './number-columns';
import { pictureColumn } from './picture-column';
import { soundColumn } from './sound-column';
import { fileBytes, listShape, numbersOf, type Cell, type Table } from './table';
import { textInputs, isText } from './text-inputs';
import type { InputTarget, RawArray, RawSet, SourceRequest } from '../raw-set';

/** Names of the column of labels, the most usual first. */
const LABEL_NAMES = ['label', 'labels', 'class', 'target', 'y'];
/** Columns of what an output should be: `target_<output>`. */
const TARGET_PREFIX = 'target_';

/**
 * A table's columns for a model's inputs, with labels, or targets by output, where it has them.
 * @throws EdgewiseError `bad-data` saying which columns there are and what is wanted
 */
export async function tableSet(table: Table, request: SourceRequest): Promise<RawSet> {
  if (table.length === 0) throw badData(table.file, `"${table.file}" has no rows.`);
  const boxes = await boxesColumn(table, request.labelColumn);
  if (boxes !== null) return boxesSet(table, boxes, request);
  const labelColumn = labelColumnOf(table, request);
  const targetColumns = table.columns.filter((name) => name.startsWith(TARGET_PREFIX));
  const features = table.columns.filter((name) => name !== labelColumn && !targetColumns.includes(name));
  const arrays = await inputArrays(table, features, request);
  const targets = new Map<string, RawArray>();
  for (const name of targetColumns)
    targets.set(name.slice(TARGET_PREFIX.length), await numberColumn(table, name, true));
  const labels = labelColumn === null ? null : await readLabelColumn(table, labelColumn, request);
  return {
    ...(labels ?? { labels: null, classNames: request.classNames }),
    arrays,
    targets,
    unlabelled: labelColumn === null ? `"${table.file}" has no column called label.` : null,
    notes: [],
    close: () => table.close(),
  };
}

/** Pictures with boxes on them, for detection. */
async function boxesSet(table: Table, boxes: BoxesColumn, request: SourceRequest): Promise<RawSet> {
  const target = onlyTarget(request.targets, request.name);
  const features = table.columns.filter((name) => name !== boxes.name);
  const first = new Map<string, Cell>();
  for (const name of features) first.set(name, (await table.read(name, [0]))[0]);
  const [pictures = ''] = columnsFor(table, target, first, 1);
  return {
    ...(await readBoxes(table, boxes, { pictures, target }, request)),
    arrays: new Map([[target.name, pictureColumn(table, pictures, target)]]),
    unlabelled: null,
    notes: [],
    close: () => table.close(),
  };
}

function labelColumnOf(table: Table, { labelColumn, targets }: SourceRequest): string | null {
  if (labelColumn !== null) {
    if (table.columns.includes(labelColumn)) return labelColumn;
    throw badData(
      table.file,
      `"${table.file}" has no column ${labelColumn} of labels; it has ${quotedNames(table.columns)}.`,
    );
  }
  const isInput = (name: string): boolean => targets.some((target) => target.name === name);
  return LABEL_NAMES.find((name) => table.columns.includes(name) && !isInput(name)) ?? null;
}

async function inputArrays(
  table: Table,
  features: readonly string[],
  request: SourceRequest,
): Promise<ReadonlyMap<string, RawArray>> {
  const first = new Map<string, Cell>();
  for (const name of features) first.set(name, (await table.read(name, [0]))[0]);
  if (isText(request.targets)) return textInputs(table, textColumn(table, first, request), request);
  const arrays = new Map<string, RawArray>();
  for (const target of request.targets) {
    arrays.set(target.name, await arrayOf(table, columnsFor(table, target, first, request.targets.length), target));
  }
  return arrays;
}

/** The columns that one input is made of. */
function columnsFor(
  table: Table,
  { name, section }: InputTarget,
  first: ReadonlyMap<string, Cell>,
  inputs: number,
): string[] {
  const declared = section?.column;
  if (declared !== undefined) {
    const columns = typeof declared === 'string' ? [declared] : declared;
    const missing = columns.find((column) => !table.columns.includes(column));
    if (missing === undefined) return columns;
    throw badData(table.file, `"${table.file}" has no column ${missing}; it has ${quotedNames(table.columns)}.`);
  }
  if (first.has(name)) return [name];
  const files = [...first].filter(([, cell]) => fileBytes(cell) !== null).map(([column]) => column);
  const numbers = [...first].filter(([, cell]) => numbersOf(cell) !== null).map(([column]) => column);
  const candidates = files.length > 0 ? files : numbers;
  if (inputs === 1 && (files.length === 1 || (files.length === 0 && numbers.length > 0))) return candidates;
  throw badData(
    table.file,
    `"${table.file}" has the columns ${quotedNames(table.columns)}, and none of them is the model's input ${name}. ${CHOOSE_COLUMN}`,
  );
}

async function arrayOf(table: Table, columns: readonly string[], target: InputTarget): Promise<RawArray> {
  const [only = ''] = columns;
  const cell = (await table.read(only, [0]))[0];
  const bytes = columns.length === 1 ? fileBytes(cell) : null;
  if (bytes !== null) return soundColumn(table, only, target, bytes) ?? pictureColumn(table, only, target);
  if (columns.length === 1 && listShape(cell).length > 0) return numberColumn(table, only, isFloatInput(target));
  return numberColumns(table, columns, target);
}

function isFloatInput({ dtype }: InputTarget): boolean {
  return dtype.startsWith('float');
}

function textColumn(table: Table, first: ReadonlyMap<string, Cell>, { targets }: SourceRequest): string {
  const declared = targets.find(({ section }) => section?.column !== undefined)?.section?.column;
  const name = typeof declared === 'string' ? declared : declared?.[0];
  if (name !== undefined && table.columns.includes(name)) return name;
  const texts = [...first].filter(([, cell]) => typeof cell === 'string').map(([column]) => column);
  const usual = texts.find((column) => ['text', 'sentence', 'content'].includes(column)) ?? texts[0];
  if (name === undefined && usual !== undefined) return usual;
  throw badData(
    table.file,
    `"${table.file}" has the columns ${quotedNames(table.columns)}, and none of them is a text. ${CHOOSE_COLUMN}`,
  );
}
