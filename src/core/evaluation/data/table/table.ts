/** A source of rows and columns: Parquet, CSV, JSON lines. A new one gives a `Table` and has everything else from here. */
export interface Table {
  /** As the user named it. */
  readonly file: string;
  /** Rows. */
  readonly length: number;
  /** Columns, in the file's order. */
  readonly columns: readonly string[];
  /** Class names that the file itself states for a column of class numbers, or for a field of a column of mappings. */
  classNames(column: string, field?: string): readonly string[] | null;
  /**
   * Cells of one column at these rows, in this order.
   * @throws EdgewiseError `bad-data` for damaged parts
   */
  read(column: string, rows: readonly number[]): Promise<Cell[]>;
  close(): Promise<void>;
}

/** What a cell can hold; structs (an image's `bytes` and `path`) are objects. */
export type Cell = unknown;

/** Bytes of a file inside a cell, as Hugging Face stores images and sounds: alone, or as `{ bytes, path }`. */
export function fileBytes(cell: Cell): Uint8Array | null {
  if (cell instanceof Uint8Array) return cell;
  if (typeof cell === 'object' && cell !== null && 'bytes' in cell && cell.bytes instanceof Uint8Array)
    return cell.bytes;
  return null;
}

/** Numbers of a cell, nested lists one after the other; null where something in it is no number. */
export function numbersOf(cell: Cell): number[] | null {
  const numbers: number[] = [];
  return collect(cell, numbers, 0) ? numbers : null;
}

/** Deeper lists are no tensors. */
const MOST_DIMENSIONS = 8;

function collect(cell: Cell, into: number[], depth: number): boolean {
  if (Array.isArray(cell) || (ArrayBuffer.isView(cell) && !(cell instanceof DataView))) {
    if (depth === MOST_DIMENSIONS) return false;
    return Array.from(cell as ArrayLike<unknown>).every((one) => collect(one, into, depth + 1));
  }
  const number = numberOf(cell);
  if (number === null) return false;
  into.push(number);
  return true;
}

/** A cell as a number; texts that are written as one too, since CSV has nothing else. */
export function numberOf(cell: Cell): number | null {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint' || typeof cell === 'boolean') return Number(cell);
  if (typeof cell !== 'string' || cell.trim() === '') return null;
  const number = Number(cell);
  return Number.isNaN(number) && cell.trim().toLowerCase() !== 'nan' ? null : number;
}

/** The sizes of nested lists, from the first of each; [] for a plain number. */
export function listShape(cell: Cell): number[] {
  const shape: number[] = [];
  for (let inner = cell; Array.isArray(inner) && shape.length < MOST_DIMENSIONS; inner = inner[0] as Cell) {
    shape.push(inner.length);
  }
  return shape;
}
