import { elementsOf } from '../../../model/model';
import { zeros, type TensorData } from '../../../runtime/tensor';
import { badData, shapeText } from '../complaint';
import { isFloatTensor } from '../conversion';
import { pictureOf, pictureOrder } from '../picture';
import type { InputTarget, RawArray } from '../raw-set';
import { listShape, numbersOf, type Table } from './table';

/** Larger samples in lists of numbers are a mistake, and take ten times their bytes here. */
const MOST_VALUES = 64 * 1024 ** 2;

/**
 * Several columns of numbers as one vector a row, in the order of the columns.
 * @throws EdgewiseError `bad-data` where a row holds something else
 */
export async function numberColumns(table: Table, columns: readonly string[], target: InputTarget): Promise<RawArray> {
  const [only = ''] = columns;
  if (columns.length === 1) return numberColumn(table, only, isFloatTensor(target.dtype));
  const parts: RawArray[] = [];
  for (const column of columns) parts.push(await numberColumn(table, column, isFloatTensor(target.dtype)));
  const sizes = parts.map(({ shape }) => elementsOf(shape));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const title = `"${table.file}" (columns ${columns.slice(0, 3).join(', ')}${columns.length > 3 ? ', …' : ''})`;
  const dtype = parts[0]?.dtype ?? 'float64';
  return {
    title,
    length: table.length,
    dtype,
    shape: [size],
    order: null,
    converted: true,
    async read(positions) {
      const { data } = zeros(dtype, [positions.length, size]);
      let start = 0;
      for (const [index, part] of parts.entries()) {
        const width = sizes[index] ?? 1;
        const values = await part.read(positions);
        for (let row = 0; row < positions.length; row++) {
          for (let at = 0; at < width; at++) put(data, row * size + start + at, Number(values[row * width + at]));
        }
        start += width;
      }
      return data;
    },
    picture: () => Promise.resolve(null),
  };
}

/**
 * One column of numbers, or of lists of them, all of one shape.
 * @param float false: whole numbers are wanted, and kept exactly
 * @throws EdgewiseError `bad-data` where a row holds something else
 */
export async function numberColumn(table: Table, column: string, float: boolean): Promise<RawArray> {
  const title = `Column ${column} of "${table.file}"`;
  const shape = listShape((await table.read(column, [0]))[0]);
  const size = elementsOf(shape);
  if (size > MOST_VALUES)
    throw badData(table.file, `${title} holds ${size} numbers a row, more than a sample can have.`);
  const dtype = float ? 'float64' : 'int64';
  const order = pictureOrder(shape);
  const read = async (positions: readonly number[]): Promise<TensorData> => {
    const { data } = zeros(dtype, [positions.length, size]);
    const cells = await table.read(column, positions);
    for (const [row, cell] of cells.entries()) {
      const numbers = numbersOf(cell);
      if (numbers?.length !== size) throw unlike(table.file, title, positions[row] ?? 0, numbers, shape);
      for (const [at, number] of numbers.entries()) {
        if (!float && !Number.isSafeInteger(number)) throw unlike(table.file, title, positions[row] ?? 0, null, shape);
        put(data, row * size + at, number);
      }
    }
    return data;
  };
  return {
    title,
    length: table.length,
    dtype,
    shape,
    order,
    converted: false,
    read,
    picture: async (position) => (order === null ? null : pictureOf(dtype, await read([position]), shape, order)),
  };
}

function put(data: TensorData, at: number, value: number): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value);
  else data[at] = value;
}

function unlike(file: string, title: string, row: number, numbers: number[] | null, shape: readonly number[]): Error {
  const wanted = shape.length === 0 ? 'a number' : `numbers of ${shapeText(shape)}`;
  const held = numbers === null ? 'something else' : `${numbers.length} numbers`;
  return badData(
    file,
    `${title} holds ${held} in row ${row}, where the first row has ${wanted}. Repair or remove the row.`,
  );
}
