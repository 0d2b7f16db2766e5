import { countedClasses, classOrder } from '../class-order';
import { badData } from '../complaint';
import type { LabelledBox } from '../data-set';
import { framedBoxes, type Size } from '../framing';
import { pictureWanted } from '../picture-wanted';
import type { InputTarget, RawSet, SourceRequest } from '../raw-set';
import { wholeColumn } from './label-column';
import { pictureSizes } from './picture-sizes';
import { numberOf, numbersOf, type Cell, type Table } from './table';

// Boxes as Hugging Face's data sets hold them: a column of mappings of lists, `{ bbox: [[...]], category: [...] }`, or
// of lists of mappings, `[{ bbox, category }]`. A box is left, top, width and height in pixels, as COCO's.

/** Names of the column, and in it those of classes, the most usual first. */
const COLUMN_NAMES = ['objects', 'annotations'];
const BOX_FIELD = 'bbox';
const CLASS_FIELDS = ['category', 'category_id', 'categories', 'label', 'labels', 'class'];
const CROWD_FIELDS = ['iscrowd', 'is_crowd'];
/** Pictures that each have more objects than this are no samples for a detector. */
const MOST_BOXES = 100_000;

/** An object of one row. */
interface FoundObject {
  readonly box: readonly number[];
  readonly category: Cell;
  readonly crowd: boolean;
}

/** Where a table keeps boxes. */
export interface BoxesColumn {
  readonly name: string;
  /** The field of an object that holds its class. */
  readonly field: string;
}

/**
 * The column of boxes; null where there is none.
 * @param named the column that the recipe names for labels
 */
export async function boxesColumn(table: Table, named: string | null): Promise<BoxesColumn | null> {
  const names = named === null ? COLUMN_NAMES : [named];
  for (const name of names.filter((one) => table.columns.includes(one))) {
    // The first row may have no object in it.
    const field = (await wholeColumn(table, name)).map(classFieldOf).find((one) => one !== null);
    if (field !== undefined && field !== null) return { name, field };
  }
  return null;
}

function classFieldOf(cell: Cell): string | null {
  const one: unknown = Array.isArray(cell) ? cell[0] : cell;
  if (!isMapping(one) || !(BOX_FIELD in one)) return null;
  return CLASS_FIELDS.find((field) => field in one) ?? null;
}

/**
 * Boxes of every row, as shares of what the model takes of its picture.
 * @param pictures the column of pictures
 * @throws EdgewiseError `bad-data` naming the first row that does not hold boxes
 */
export async function readBoxes(
  table: Table,
  { name, field }: BoxesColumn,
  { pictures, target }: { readonly pictures: string; readonly target: InputTarget },
  request: SourceRequest,
): Promise<Pick<RawSet, 'labels' | 'classNames' | 'boxes'>> {
  const rows = (await wholeColumn(table, name)).map((cell, row) =>
    objectsOf(cell, field, () => wrong(table, name, row)),
  );
  const { classNames, labelOf } = classesOf(table, { name, field }, rows.flat(), request);
  const sizes = await pictureSizes(table, pictures);
  const wanted = pictureWanted(target);
  const boxes = rows.map((objects, row) => {
    const size = sizes[row] ?? wanted;
    const found = objects.map(({ box, category, crowd }): LabelledBox => {
      const label = labelOf(category);
      if (label === null) throw wrong(table, name, row);
      return { label, crowd, ...shares(box, size) };
    });
    return framedBoxes(found, size, wanted, wanted.framing);
  });
  return { labels: null, classNames, boxes };
}

function shares([left = 0, top = 0, width = 0, height = 0]: readonly number[], size: Size) {
  return {
    left: left / size.width,
    top: top / size.height,
    right: (left + width) / size.width,
    bottom: (top + height) / size.height,
  };
}

function objectsOf(cell: Cell, field: string, complaint: () => Error): FoundObject[] {
  if (cell === null || cell === undefined) return [];
  const objects = Array.isArray(cell) ? cell.map((one) => mappingOf(one, complaint)) : byObject(cell, field, complaint);
  if (objects.length > MOST_BOXES) throw complaint();
  return objects.map((one) => {
    const box = numbersOf(one[BOX_FIELD]);
    if (box?.length !== 4 || !box.every(Number.isFinite)) throw complaint();
    const crowd = CROWD_FIELDS.some((name) => name in one && numberOf(one[name]) === 1);
    return { box, category: one[field], crowd };
  });
}

type Mapping = Readonly<Record<string, Cell>>;

function isMapping(cell: Cell): cell is Mapping {
  return typeof cell === 'object' && cell !== null && !Array.isArray(cell) && !ArrayBuffer.isView(cell);
}

function mappingOf(cell: Cell, complaint: () => Error): Mapping {
  if (!isMapping(cell)) throw complaint();
  return cell;
}

/** A mapping of lists as a list of mappings. */
function byObject(cell: Cell, field: string, complaint: () => Error): Mapping[] {
  const lists = Object.entries(mappingOf(cell, complaint)).map(([key, values]) => [key, listOf(values)] as const);
  const count = lists.find(([key]) => key === BOX_FIELD)?.[1]?.length;
  const classes = lists.find(([key]) => key === field)?.[1]?.length;
  if (count === undefined || classes !== count) throw complaint();
  return Array.from({ length: count }, (_, at) =>
    Object.fromEntries(lists.map(([key, values]) => [key, values?.[at]])),
  );
}

function listOf(values: Cell): readonly Cell[] | null {
  if (Array.isArray(values)) return values;
  return ArrayBuffer.isView(values) ? numbersOf(values) : null;
}

interface Classes {
  readonly classNames: readonly string[];
  /** Null for what is no class. */
  labelOf(category: Cell): number | null;
}

function classesOf(
  table: Table,
  { name, field }: BoxesColumn,
  objects: readonly FoundObject[],
  request: SourceRequest,
): Classes {
  const numbers = objects.map(({ category }) => (typeof category === 'string' ? null : numberOf(category)));
  if (objects.length > 0 && numbers.every((number) => number === null)) {
    const texts = [...new Set(objects.map(({ category }) => String(category)))].sort();
    const classNames = classOrder(texts, request);
    const places = new Map(classNames.map((one, place) => [one, place]));
    return { classNames, labelOf: (category) => places.get(String(category)) ?? null };
  }
  const most = numbers.reduce<number>((largest, number) => Math.max(largest, number ?? 0), 0);
  const stated = table.classNames(name, field) ?? request.classNames ?? request.statedClasses;
  const counted = stated ?? Array.from({ length: Math.min(most, MOST_BOXES) + 1 }, (_, label) => String(label));
  const { classNames, places } = countedClasses(counted, request);
  return { classNames, labelOf: (category) => places[numberOf(category) ?? -1] ?? null };
}

function wrong(table: Table, column: string, row: number): Error {
  return badData(
    table.file,
    `Column ${column} of "${table.file}" holds no boxes with classes in row ${row}: four numbers (left, top, width, height) and a class for each object. Repair or remove the row.`,
  );
}
