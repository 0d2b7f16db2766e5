import path from 'node:path';
import { openBytes } from './bytes';
import { badData } from './complaint';
import type { SourceKind } from './raw-set';
import { LARGEST_TEXT_BYTES, memoryTable } from './table/memory-table';
import type { Cell, Table } from './table/table';
import { withNamedFiles } from './table/named-files';
import { tableSet } from './table/table-set';

/** More columns than this are no table. */
const MOST_COLUMNS = 10_000;

/** A JSON object a line, its keys the columns. */
export const jsonLines: SourceKind = {
  title: 'JSON lines',
  recognizes: (head, name) => head !== null && /\.(jsonl|ndjson)(\.gz)?$/i.test(name),
  async open(request) {
    const { name } = request;
    const source = await openBytes(request.path, name);
    try {
      if (source.size > LARGEST_TEXT_BYTES) {
        throw badData(name, `"${name}" is larger than 256 MB. Save it as Parquet, which is read piece by piece.`);
      }
      const bytes = await source.read(0, source.size);
      const table = await withNamedFiles(
        readJsonLines(Buffer.from(bytes).toString('utf8'), name),
        path.dirname(request.path),
      );
      return await tableSet(table, request);
    } finally {
      await source.close();
    }
  },
};

/**
 * Rows of JSON lines; keys that a row lacks are empty there.
 * @throws EdgewiseError `bad-data` naming the line
 */
export function readJsonLines(text: string, name: string): Table {
  const rows: Record<string, Cell>[] = [];
  const columns = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parseLine(line, index + 1, name);
    for (const key of Object.keys(row)) columns.add(key);
    if (columns.size > MOST_COLUMNS) throw badData(name, `"${name}" has more than ${MOST_COLUMNS} keys: no table.`);
    rows.push(row);
  }
  const names = [...columns];
  return memoryTable(
    name,
    names,
    rows.map((row) => names.map((column) => row[column])),
  );
}

function parseLine(line: string, number: number, name: string): Record<string, Cell> {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (cause) {
    throw badData(name, `Line ${number} of "${name}" is no JSON. Write one object a line.`, cause);
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return { ...row };
  throw badData(name, `Line ${number} of "${name}" is no object. Write one object a line, with a key for each column.`);
}
