import { quotedName } from '../file-errors';
import { packedBytes, type DType } from '../../model/dtype';
import { elementsOf, type Weight, type WeightData } from '../../model/model';
import { dtypeOfCode } from './data-types';
import { MAX_RANK } from './limits';
import { withOrigin } from './origin';
import type { Field, Range } from './outline';
import { valueOf, type Reading } from './reading';
import { sparseHead, tensorHead, toNumber, type Int64, type TensorHead } from './schema';
import { denseBytes, isVarintField, PAYLOAD_FIELDS, RAW_DATA, typedFieldOf, varintUnitBytes } from './typed-fields';
import { BYTES } from './wire';

const EXTERNAL = 1;

/** A `TensorProto`; null when it states no type, which stands for "no tensor". */
export function readTensor(reading: Reading, range: Range): Weight | null {
  const { head, payload } = splitTensor(reading, range);
  if (head.dataType === 0) return null;
  const dtype = dtypeOfCode(head.dataType);
  if (dtype === undefined) {
    throw reading.unsupported(
      `the weight ${quotedName(head.name)} has the element type ${head.dataType}, newer than known here`,
    );
  }
  const shape = shapeOf(reading, head.name, head.dims);
  const data = dataOf(reading, head, dtype, shape, payload);
  return withOrigin<Weight>(reading.outline, range, (origin) => ({ name: head.name, dtype, shape, data, origin }));
}

/** A `SparseTensorProto`, named like its values. */
export function readSparse(reading: Reading, range: Range): Weight {
  let values: Weight | null = null;
  let positions: Weight | null = null;
  const rest: Field[] = [];
  for (const field of reading.outline.fields(range)) {
    if (field.number === 1) values = readTensor(reading, valueOf(field));
    else if (field.number === 2) positions = readTensor(reading, valueOf(field));
    else rest.push(field);
  }
  if (values === null || positions === null) throw reading.malformed('a sparse weight has no values or no positions');
  const { name, dtype } = values;
  const shape = shapeOf(reading, name, sparseHead.decode(reading.join(rest)).dims);
  const data: WeightData = { kind: 'sparse', values, positions };
  return withOrigin(reading.outline, range, (origin) => ({ name, dtype, shape, data, origin }));
}

function splitTensor(reading: Reading, range: Range): { head: TensorHead; payload: Field[] } {
  const payload: Field[] = [];
  const rest: Field[] = [];
  for (const field of reading.outline.fields(range)) {
    (PAYLOAD_FIELDS.has(field.number) ? payload : rest).push(field);
  }
  return { head: tensorHead.decode(reading.join(rest)), payload };
}

function shapeOf(reading: Reading, name: string, dims: readonly Int64[]): number[] {
  const shape = dims.map(toNumber);
  if (shape.length > MAX_RANK) throw reading.malformed(`the weight ${quotedName(name)} has ${shape.length} dimensions`);
  if (shape.some((dimension) => dimension < 0) || !Number.isSafeInteger(elementsOf(shape) * 16)) {
    throw reading.malformed(
      `the weight ${quotedName(name)} has the impossible shape [${shape.slice(0, 8).join(', ')}]`,
    );
  }
  return shape;
}

function dataOf(
  reading: Reading,
  head: TensorHead,
  dtype: DType,
  shape: readonly number[],
  payload: readonly Field[],
): WeightData {
  if (dtype === 'string') return stringsOf(reading, head, elementsOf(shape));
  const bytes = packedBytes(dtype, elementsOf(shape));
  if (head.dataLocation === EXTERNAL) {
    const { file, offset } = reading.external.locate(head.name, head.externalData, bytes);
    return { kind: 'range', file, offset, length: bytes, storage: 'raw' };
  }
  const data = inlineData(reading, head.name, dtype, payload);
  const found = data.kind === 'bytes' ? data.bytes.byteLength : data.length;
  const wrong = data.kind === 'range' && data.storage === 'varint' ? !fits(found, dtype, bytes) : found !== bytes;
  if (wrong) throw reading.malformed(sizeSentence(head, bytes, found));
  return data;
}

/** A varint has one to ten bytes. */
function fits(length: number, dtype: DType, bytes: number): boolean {
  const units = bytes / varintUnitBytes(dtype);
  return length >= units && length <= units * 10;
}

function sizeSentence(head: TensorHead, expected: number, found: number): string {
  if (head.segment) return `the weight ${quotedName(head.name)} is one segment of a larger one, which no runtime reads`;
  return `the weight ${quotedName(head.name)} should have ${expected} bytes by its shape, the file has ${found}`;
}

function stringsOf(reading: Reading, head: TensorHead, elements: number): WeightData {
  if (head.stringData.length !== elements) {
    throw reading.malformed(
      `the weight ${quotedName(head.name)} should have ${elements} strings, the file has ${head.stringData.length}`,
    );
  }
  return { kind: 'strings', values: head.stringData.map((value) => new Uint8Array(value)) };
}

type InlineData = Extract<WeightData, { kind: 'range' | 'bytes' }>;

function inlineData(reading: Reading, name: string, dtype: DType, payload: readonly Field[]): InlineData {
  const raw = payload.filter((field) => field.number === RAW_DATA).at(-1);
  const number = raw ? RAW_DATA : typedFieldOf(dtype);
  const fields = raw ? [raw] : payload.filter((field) => field.number === number);
  const pieces: { wireType: number; bytes: Uint8Array }[] = [];
  for (const field of fields) {
    const bytes = reading.outline.slice(field.valueStart, field.end);
    if (bytes !== null) pieces.push({ wireType: field.wireType, bytes });
    else if (fields.length === 1) return rangeData(field);
    else throw reading.malformed(`the weight ${quotedName(name)} is spread over ${fields.length} places`);
  }
  if (number === RAW_DATA) return { kind: 'bytes', bytes: new Uint8Array(pieces[0]?.bytes ?? []) };
  return { kind: 'bytes', bytes: denseBytes(number ?? RAW_DATA, dtype, pieces) };
}

function rangeData(field: Field): InlineData {
  const varint = field.wireType === BYTES && isVarintField(field.number);
  const length = field.end - field.valueStart;
  return { kind: 'range', file: 0, offset: field.valueStart, length, storage: varint ? 'varint' : 'raw' };
}
