import { quotedName } from './file-errors';
import { EdgewiseError } from '../errors';
import { bitsOf } from '../model/dtype';
import { elementsOf, type Weight, type WeightData } from '../model/model';

type SparseData = Extract<WeightData, { kind: 'sparse' }>;

interface DenseReader {
  read(weight: Weight, byteOffset: number, byteLength: number): Promise<Uint8Array>;
}

/** Positions of a sparse weight as linear indices, ascending, and which value belongs to each. */
interface Positions {
  readonly linear: Float64Array;
  /** Null when values are in the order of `linear`. */
  readonly order: Uint32Array | null;
}

/** Sparse weights as dense bytes. Positions are held in memory (8 bytes each), values are read as they are needed. */
export class SparseRanges {
  private readonly positions = new WeakMap<WeightData, Promise<Positions>>();

  constructor(private readonly reader: DenseReader) {}

  async read(weight: Weight, data: SparseData, byteOffset: number, target: Uint8Array): Promise<void> {
    const elementBytes = bitsOf(weight.dtype) / 8;
    if (elementBytes < 1) {
      throw new EdgewiseError('unsupported', `The sparse weight ${quotedName(weight.name)} has elements below 8 bits.`);
    }
    const positions = await this.positionsOf(weight, data);
    const end = byteOffset + target.byteLength;
    target.fill(0);
    const from = lowerBound(positions.linear, Math.floor(byteOffset / elementBytes));
    const to = lowerBound(positions.linear, Math.ceil(end / elementBytes));
    if (from === to) return;
    const values = await this.valuesOf(data, positions, from, to, elementBytes);
    for (let i = from; i < to; i++) {
      const start = (positions.linear[i] ?? 0) * elementBytes - byteOffset;
      for (let byte = 0; byte < elementBytes; byte++) {
        const at = start + byte;
        if (at >= 0 && at < target.byteLength) target[at] = values[(i - from) * elementBytes + byte] ?? 0;
      }
    }
  }

  private async valuesOf(
    data: SparseData,
    positions: Positions,
    from: number,
    to: number,
    elementBytes: number,
  ): Promise<Uint8Array> {
    const { order } = positions;
    if (order === null) return this.reader.read(data.values, from * elementBytes, (to - from) * elementBytes);
    const all = await this.reader.read(data.values, 0, elementsOf(data.values.shape) * elementBytes);
    const chosen = new Uint8Array((to - from) * elementBytes);
    for (let i = from; i < to; i++) {
      const at = (order[i] ?? 0) * elementBytes;
      chosen.set(all.subarray(at, at + elementBytes), (i - from) * elementBytes);
    }
    return chosen;
  }

  private positionsOf(weight: Weight, data: SparseData): Promise<Positions> {
    const known = this.positions.get(data);
    if (known !== undefined) return known;
    const reading = this.readPositions(weight, data);
    this.positions.set(data, reading);
    return reading;
  }

  private async readPositions(weight: Weight, data: SparseData): Promise<Positions> {
    const count = elementsOf(data.values.shape);
    const coordinates = await this.readIntegers(weight, data.positions);
    const rank = data.positions.shape.length === 2 ? (data.positions.shape[1] ?? 1) : 1;
    const linearAlready = data.positions.shape.length < 2;
    if (coordinates.length !== count * rank || (!linearAlready && rank !== weight.shape.length)) {
      throw damaged(weight, 'the number of positions does not fit its values');
    }
    const linear = linearAlready ? coordinates : linearize(coordinates, weight.shape, count);
    const elements = elementsOf(weight.shape);
    if (linear.some((position) => !(position >= 0 && position < elements))) {
      throw damaged(weight, 'a position lies outside its shape');
    }
    return sorted(linear);
  }

  private async readIntegers(weight: Weight, positions: Weight): Promise<Float64Array> {
    const bytes = bitsOf(positions.dtype) / 8;
    const count = elementsOf(positions.shape);
    const dense = await this.reader.read(positions, 0, count * bytes);
    const view = new DataView(dense.buffer, dense.byteOffset, dense.byteLength);
    const integers = new Float64Array(count);
    for (let i = 0; i < count; i++) integers[i] = integerAt(weight, positions, view, i);
    return integers;
  }
}

/** The standard says int64; ONNX Runtime reads the narrower ones too. */
function integerAt(weight: Weight, positions: Weight, view: DataView, index: number): number {
  switch (positions.dtype) {
    case 'int64':
      return Number(view.getBigInt64(index * 8, true));
    case 'int32':
      return view.getInt32(index * 4, true);
    case 'int16':
      return view.getInt16(index * 2, true);
    case 'int8':
      return view.getInt8(index);
    default:
      throw damaged(weight, `its positions are ${positions.dtype}`);
  }
}

function linearize(coordinates: Float64Array, shape: readonly number[], count: number): Float64Array {
  const linear = new Float64Array(count);
  const rank = shape.length;
  for (let i = 0; i < count; i++) {
    let position = 0;
    for (let axis = 0; axis < rank; axis++) {
      const size = shape[axis] ?? 1;
      const coordinate = coordinates[i * rank + axis] ?? 0;
      position = coordinate >= 0 && coordinate < size ? position * size + coordinate : Number.NaN;
    }
    linear[i] = position;
  }
  return linear;
}

function sorted(linear: Float64Array): Positions {
  if (linear.every((position, index) => index === 0 || (linear[index - 1] ?? 0) < position)) {
    return { linear, order: null };
  }
  const order = Uint32Array.from(linear.keys()).sort((a, b) => (linear[a] ?? 0) - (linear[b] ?? 0));
  return { linear: Float64Array.from(order, (index) => linear[index] ?? 0), order };
}

/** The first index whose position is not below `position`. */
function lowerBound(linear: Float64Array, position: number): number {
  let low = 0;
  let high = linear.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((linear[middle] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

function damaged(weight: Weight, what: string): EdgewiseError {
  return new EdgewiseError(
    'malformed',
    `The sparse weight ${quotedName(weight.name)} is damaged: ${what}. Export the model again.`,
  );
}
