import { badData } from '../complaint';
import type { InputTarget, RawArray } from '../raw-set';
import { soundArray } from '../sound/sound-array';
import { soundValues, soundWanted } from '../sound/sound-wanted';
import { decodeWav, isWav } from '../sound/wav';
import { fileBytes, type Table } from './table';

/**
 * A column of WAV files, decoded row by row; null where the first cell is none.
 * @throws EdgewiseError `bad-recipe` for inputs that take no sound
 */
export function soundColumn(table: Table, column: string, target: InputTarget, first: Uint8Array): RawArray | null {
  if (!isWav(first)) return null;
  const wanted = soundWanted(target);
  async function* load(rows: readonly number[]): AsyncGenerator<Float32Array> {
    for (const [index, cell] of (await table.read(column, rows)).entries()) {
      const name = `${table.file}, ${column} of row ${rows[index] ?? 0}`;
      const bytes = fileBytes(cell);
      if (bytes === null) throw badData(table.file, `"${name}" holds no sound. Remove the row.`);
      yield soundValues(decodeWav(bytes, name), wanted);
    }
  }
  return soundArray(`Column ${column} of "${table.file}"`, table.length, wanted, load);
}
