import type { Cell, Table } from './table';

/** Texts are read whole; beyond this Parquet is the format that is read piece by piece. */
export const LARGEST_TEXT_BYTES = 256 * 1000 ** 2;

/** Rows in memory, each a list of cells in the order of the columns. */
export function memoryTable(file: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Table {
  return {
    file,
    length: rows.length,
    columns,
    classNames: () => null,
    read(column, positions) {
      const place = columns.indexOf(column);
      return Promise.resolve(positions.map((position) => rows[position]?.[place]));
    },
    close: () => Promise.resolve(),
  };
}
