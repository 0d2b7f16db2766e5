import { badData } from '../complaint';
import type { Size } from '../framing';
import { imageSize } from '../image-size';
import { wholeColumn } from './label-column';
import { fileBytes, numberOf, type Table } from './table';

/**
 * Sizes of all pictures of a column: from columns of them, else from the pictures' own headers.
 * @throws EdgewiseError `bad-data` naming the first row that holds no picture
 */
export async function pictureSizes(table: Table, pictures: string): Promise<Size[]> {
  if (['width', 'height'].every((name) => table.columns.includes(name))) {
    const widths = await wholeColumn(table, 'width');
    const heights = await wholeColumn(table, 'height');
    const sizes = widths.map((width, row) => ({ width: numberOf(width) ?? 0, height: numberOf(heights[row]) ?? 0 }));
    if (sizes.every(({ width, height }) => width > 0 && height > 0)) return sizes;
  }
  const sizes: Size[] = [];
  for (let row = 0; row < table.length; row++) {
    const [cell] = await table.read(pictures, [row]);
    const size = imageSize(fileBytes(cell) ?? new Uint8Array());
    if (size === null) {
      throw badData(table.file, `Column ${pictures} of "${table.file}" holds no image in row ${row}. Remove the row.`);
    }
    sizes.push(size);
  }
  return sizes;
}
