import { badData } from '../complaint';
import type { Picture } from '../data-set';
import { DecodedPictures } from '../decoded-pictures';
import { decodeImageBytes } from '../image-decoding';
import { pictureWanted } from '../picture-wanted';
import type { InputTarget, RawArray } from '../raw-set';
import { fileBytes, type Table } from './table';

/** A column of PNG or JPEG files, decoded row by row. */
export function pictureColumn(table: Table, column: string, target: InputTarget): RawArray {
  const wanted = pictureWanted(target);
  async function* decode(rows: readonly number[]): AsyncGenerator<Picture> {
    for (const [index, cell] of (await table.read(column, rows)).entries()) {
      const name = `${table.file}, ${column} of row ${rows[index] ?? 0}`;
      const bytes = fileBytes(cell);
      if (bytes === null) throw badData(table.file, `"${name}" holds no image. Remove the row.`);
      yield decodeImageBytes(bytes, name, wanted.channels);
    }
  }
  return new DecodedPictures(`Column ${column} of "${table.file}"`, table.length, wanted, decode);
}
