import path from 'node:path';
import { IMAGE_EXTENSIONS, readWhole } from '../image-decoding';
import type { Cell, Table } from './table';

const EXTENSIONS = [...IMAGE_EXTENSIONS, '.wav'];

/** Whether a cell names an image or a sound. */
function isFileName(cell: Cell): cell is string {
  return typeof cell === 'string' && EXTENSIONS.includes(path.extname(cell).toLowerCase());
}

/**
 * A table whose cells that name images or sounds hold them: as CSV and JSON lines beside a folder of files do.
 * @param folder that the names are relative to
 * @returns the table itself where its first row names none
 */
export async function withNamedFiles(table: Table, folder: string): Promise<Table> {
  if (table.length === 0) return table;
  const columns = new Set<string>();
  for (const column of table.columns) {
    if (isFileName((await table.read(column, [0]))[0])) columns.add(column);
  }
  if (columns.size === 0) return table;
  return {
    file: table.file,
    length: table.length,
    columns: table.columns,
    classNames: (column) => table.classNames(column),
    close: () => table.close(),
    async read(column, rows) {
      const cells = await table.read(column, rows);
      if (!columns.has(column)) return cells;
      const files: Cell[] = [];
      for (const cell of cells) files.push(isFileName(cell) ? await readWhole(path.resolve(folder, cell), cell) : cell);
      return files;
    },
  };
}
