import { elementsOf } from '../../model/model';
import type { TensorDType } from '../../runtime/tensor';
import type { Region } from './bytes';
import { badData } from './complaint';
import { checkSize, StoredArray } from './stored-array';

// NumPy's format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Magic, version, and a header length of 2 bytes (version 1) or 4. */
const LONGEST_PREFIX = 12;
/** Headers of plain arrays take under 200 bytes; NumPy itself refuses more than 10,000. */
const LONGEST_HEADER = 10_000;

const DTYPES: Readonly<Record<string, TensorDType>> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};

export function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, index) => head[index] === byte);
}

/**
 * An array in NumPy's format. Only its header is read; its declared size must be the size that is there.
 * @param title what errors call it: "array image of test.npz"
 * @throws EdgewiseError `bad-data` saying what is wrong with it
 */
export async function openNpy(region: Region, file: string, title: string): Promise<StoredArray> {
  const prefix = await region.source.read(region.offset, Math.min(LONGEST_PREFIX, region.length));
  if (!isNpy(prefix)) throw badData(file, `${title} is not an array in NumPy's format. Save it with numpy.savez.`);
  const wide = (prefix[6] ?? 0) > 1;
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const start = wide ? 12 : 10;
  if (prefix.byteLength < start) throw cutShort(file, title);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > LONGEST_HEADER || start + length > region.length) throw cutShort(file, title);
  const header = Buffer.from(await region.source.read(region.offset + start, length)).toString('latin1');
  const { dtype, bigEndian, shape } = parseHeader(header, file, title);
  const data: Region = {
    source: region.source,
    offset: region.offset + start + length,
    length: region.length - start - length,
  };
  const facts = { title, dtype, bigEndian, shape, region: data };
  checkSize(facts, file);
  return new StoredArray(facts);
}

function parseHeader(
  header: string,
  file: string,
  title: string,
): { dtype: TensorDType; bigEndian: boolean; shape: number[] } {
  const descr = /'descr':\s*(?:'([^']*)'|\[)/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dimensions = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (!descr || order === undefined || dimensions === undefined) {
    throw badData(file, `${title} has a header that is not NumPy's. Save it again with numpy.savez.`);
  }
  const type = descr[1] ?? 'structured';
  const dtype = DTYPES[type.slice(1)];
  if (dtype === undefined) {
    const what = type.endsWith('O') ? 'Python objects' : `values of type ${type}`;
    throw badData(file, `${title} holds ${what}, which cannot be read. Save plain numbers.`);
  }
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number);
  if (order === 'True' && shape.length > 1) {
    throw badData(file, `${title} is stored in Fortran's order. Save numpy.ascontiguousarray of it.`);
  }
  if (!Number.isSafeInteger(elementsOf(shape))) throw cutShort(file, title);
  return { dtype, bigEndian: type.startsWith('>'), shape };
}

function cutShort(file: string, title: string): Error {
  return badData(file, `${title} ends early or declares more than it holds. Get the file again.`);
}
