import path from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { openBytes } from './bytes';
import { badData } from './complaint';
import type { SourceKind } from './raw-set';
import { LARGEST_TEXT_BYTES, memoryTable } from './table/memory-table';
import type { Table } from './table/table';
import { withNamedFiles } from './table/named-files';
import { tableSet } from './table/table-set';

/** A row that is longer has an opening quote that nothing closes. */
const LONGEST_ROW = 16 * 1000 ** 2;
const SEPARATORS = [',', ';', '\t'];

/** Texts of rows, the names of the columns in the first. */
export const csv: SourceKind = {
  title: 'a CSV file',
  recognizes: (head, name) => head !== null && /\.(csv|tsv)(\.gz)?$/i.test(name),
  async open(request) {
    const source = await openBytes(request.path, request.name);
    try {
      if (source.size > LARGEST_TEXT_BYTES) throw tooLong(request.name);
      const bytes = await source.read(0, source.size);
      const table = await withNamedFiles(readCsv(bytes, request.name), path.dirname(request.path));
      return await tableSet(table, request);
    } finally {
      await source.close();
    }
  },
};

/**
 * Rows of a CSV file (RFC 4180), separated by commas, semicolons or tabs: what its first line has most of.
 * @throws EdgewiseError `bad-data` naming the line
 */
export function readCsv(bytes: Uint8Array, name: string): Table {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const options = { bom: true, skip_empty_lines: true, delimiter: separatorOf(text), max_record_size: LONGEST_ROW };
  let rows: string[][];
  try {
    rows = parse(text, options);
  } catch (cause) {
    throw badData(name, `"${name}" is no table of rows and columns: ${reasonOf(cause)} Repair it.`, cause);
  }
  const [columns = [], ...cells] = rows;
  if (cells.length === 0) throw badData(name, `"${name}" has no rows below its first line, which names the columns.`);
  return memoryTable(name, columns, cells);
}

function separatorOf(text: Buffer): string {
  const end = text.indexOf('\n');
  const line = text.subarray(0, end < 0 ? LONGEST_ROW : Math.min(end, LONGEST_ROW)).toString('utf8');
  const counts = SEPARATORS.map((separator) => line.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** What is wrong, by the parser's own code. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof CsvError)) return 'it cannot be read.';
  const line = typeof cause['lines'] === 'number' ? ` in line ${cause['lines']}` : '';
  switch (cause.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return `the row${line} has more or fewer cells than the first.`;
    case 'CSV_QUOTE_NOT_CLOSED':
    case 'CSV_MAX_RECORD_SIZE':
      return `a quote${line} is never closed.`;
    default:
      return `a quote${line} is where none can be.`;
  }
}

function tooLong(name: string): Error {
  return badData(name, `"${name}" is larger than 256 MB. Save it as Parquet, which is read piece by piece.`);
}
