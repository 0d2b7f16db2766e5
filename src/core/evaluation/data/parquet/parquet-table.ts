import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
} from 'hyparquet';
import { EdgewiseError } from '../../../errors';
import type { ByteSource } from '../../../formats/byte-source';
import type { Cell, Table } from '../table/table';
import { boundedCompressors } from './decompression';
import { classLabels } from './hugging-face-features';
import { checkedPart, damaged } from './pages';

/** More rows than this in one group are never written, and each is a value in memory. */
const MOST_GROUP_ROWS = 16 * 1024 ** 2;
/** Decoded parts that stay in memory, by what they declare: batches ascend, and come back to the same parts. */
const MOST_KEPT_BYTES = 256 * 1024 ** 2;
/** A decoded value, at least. */
const VALUE_BYTES = 16;

interface Group {
  /** In the file. */
  readonly index: number;
  /** The first row. */
  readonly start: number;
  readonly rows: number;
}

/**
 * A Parquet file by columns and row groups; what a batch needs is decoded, and the last few parts stay.
 * @throws EdgewiseError `bad-data` for damaged files
 */
export async function openParquet(source: ByteSource, file: string): Promise<Table> {
  const buffer = bufferOf(source);
  try {
    const metadata = await parquetMetadataAsync(buffer, { geoparquet: false });
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    return new ParquetTable(source, buffer, metadata, columns, groupsOf(metadata, file), file);
  } catch (cause) {
    throw complaint(file, cause);
  }
}

function bufferOf(source: ByteSource): AsyncBuffer {
  return {
    byteLength: source.size,
    async slice(start, end = source.size) {
      const bytes = new Uint8Array(end - start);
      await source.read(start, bytes.byteLength, bytes);
      return bytes.buffer;
    },
  };
}

function groupsOf(metadata: FileMetaData, file: string): Group[] {
  let start = 0;
  const groups = metadata.row_groups.map((group, index) => {
    const rows = Number(group.num_rows);
    const values = group.columns.map(({ meta_data: column }) => Number(column?.num_values ?? -1));
    // Every row has a value in every column, if only an empty one.
    const fits = rows >= 0 && rows <= MOST_GROUP_ROWS && values.every((count) => count >= rows);
    if (!fits) throw damaged(file);
    start += rows;
    return { index, start: start - rows, rows };
  });
  if (BigInt(start) !== metadata.num_rows) throw damaged(file);
  return groups.filter(({ rows }) => rows > 0);
}

function complaint(file: string, cause: unknown): Error {
  if (EdgewiseError.is(cause) && cause.kind !== 'truncated') return cause;
  return damaged(file, cause);
}

class ParquetTable implements Table {
  readonly length: number;
  /** By column and group, the last used last. */
  private readonly parts = new Map<string, { readonly cells: Promise<Cell[]>; readonly bytes: number }>();

  constructor(
    private readonly source: ByteSource,
    private readonly buffer: AsyncBuffer,
    private readonly metadata: FileMetaData,
    readonly columns: readonly string[],
    private readonly groups: readonly Group[],
    readonly file: string,
  ) {
    this.length = groups.reduce((sum, { rows }) => sum + rows, 0);
  }

  classNames(column: string, field: string | null = null): readonly string[] | null {
    return classLabels(this.metadata, column, field);
  }

  async read(column: string, rows: readonly number[]): Promise<Cell[]> {
    const cells: Cell[] = [];
    for (const row of rows) {
      const group = this.groups.find(({ start, rows: count }) => row >= start && row < start + count);
      if (group === undefined) throw damaged(this.file);
      cells.push((await this.part(column, group))[row - group.start]);
    }
    return cells;
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private part(column: string, group: Group): Promise<Cell[]> {
    const key = `${group.start} ${column}`;
    const part = this.parts.get(key) ?? { cells: this.decode(column, group), bytes: this.bytesOf(column, group) };
    this.parts.delete(key);
    this.parts.set(key, part);
    let kept = [...this.parts.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [oldest, { bytes }] of this.parts) {
      if (kept <= MOST_KEPT_BYTES || oldest === key) break;
      this.parts.delete(oldest);
      kept -= bytes;
    }
    return part.cells;
  }

  private bytesOf(column: string, group: Group): number {
    return this.chunks(column, group).reduce((sum, { total_uncompressed_size: bytes, num_values: values }) => {
      return sum + Math.max(Number(bytes), Number(values) * VALUE_BYTES);
    }, 0);
  }

  private async decode(column: string, group: Group): Promise<Cell[]> {
    const { start, rows } = group;
    try {
      const objects = await parquetReadObjects({
        file: await checkedPart(this.buffer, this.chunks(column, group), this.file),
        metadata: this.metadata,
        columns: [column],
        rowStart: start,
        rowEnd: start + rows,
        compressors: boundedCompressors,
        // Images are bytes without a type of their own.
        utf8: false,
        geoparquet: false,
      });
      if (objects.length !== rows) throw damaged(this.file);
      return objects.map((row): Cell => row[column]);
    } catch (cause) {
      throw complaint(this.file, cause);
    }
  }

  /** What the file says of a column in one group: structs have several. */
  private chunks(column: string, { index }: Group): ColumnMetaData[] {
    const chunks = this.metadata.row_groups[index]?.columns ?? [];
    return chunks.flatMap(({ meta_data: facts }) => (facts?.path_in_schema[0] === column ? [facts] : []));
  }
}
