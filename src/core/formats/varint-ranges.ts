import { quotedName } from './file-errors';
import { EdgewiseError } from '../errors';
import type { Weight, WeightData } from '../model/model';
import type { ModelSources } from './model-sources';
import { countVarints, decodeVarint, varintUnitBytes } from './onnx/typed-fields';
import { WireCursor } from './onnx/wire';

type RangeData = Extract<WeightData, { kind: 'range' }>;

/** Bytes of the file that are decoded at a time, and the distance of the remembered places. */
const BLOCK_BYTES = 256 * 1024;

/** The longest varint: a block is read this much further, so that its last one is whole. */
const OVERLAP_BYTES = 10;

/** A place where a varint begins. */
interface Place {
  readonly unit: number;
  readonly offset: number;
}

/**
 * Random access to weights that are stored as varints, which have no fixed width: the places of a weight's blocks are
 * found once, then a read decodes only the blocks that it touches.
 */
export class VarintRanges {
  private readonly places = new WeakMap<WeightData, Promise<readonly Place[]>>();

  constructor(private readonly sources: ModelSources) {}

  async read(weight: Weight, data: RangeData, byteOffset: number, target: Uint8Array): Promise<void> {
    const unitBytes = varintUnitBytes(weight.dtype);
    const places = await this.placesOf(data);
    const firstUnit = Math.floor(byteOffset / unitBytes);
    const endByte = byteOffset + target.byteLength;
    for (let i = placeBefore(places, firstUnit); i < places.length; i++) {
      const place = places[i];
      if (place === undefined || place.unit * unitBytes >= endByte) return;
      const next = places[i + 1];
      if (next === undefined) throw tooFew(weight, place.unit);
      const dense = await this.block(data, place, next, unitBytes);
      copyOverlap(dense, place.unit * unitBytes, target, byteOffset);
    }
  }

  /** Every block's first varint, and one place past the end. */
  private placesOf(data: RangeData): Promise<readonly Place[]> {
    const known = this.places.get(data);
    if (known !== undefined) return known;
    const finding = this.findPlaces(data);
    this.places.set(data, finding);
    return finding;
  }

  private async findPlaces(data: RangeData): Promise<readonly Place[]> {
    const places: Place[] = [];
    const buffer = new Uint8Array(Math.min(BLOCK_BYTES, data.length));
    let unit = 0;
    let begin = 0;
    for (let offset = 0; offset < data.length; offset += buffer.byteLength) {
      const block = buffer.subarray(0, Math.min(buffer.byteLength, data.length - offset));
      await this.sources.read(data.file, data.offset + offset, block);
      places.push({ unit, offset: begin });
      unit += countVarints(block);
      begin = offset + lastEnd(block, begin - offset);
    }
    places.push({ unit, offset: begin });
    return places;
  }

  private async block(data: RangeData, place: Place, next: Place, unitBytes: number): Promise<Uint8Array> {
    const length = Math.min(next.offset - place.offset, BLOCK_BYTES + OVERLAP_BYTES);
    const packed = new Uint8Array(length);
    await this.sources.read(data.file, data.offset + place.offset, packed);
    const dense = new Uint8Array((next.unit - place.unit) * unitBytes);
    const cursor = new WireCursor(packed);
    for (let at = 0; at < dense.byteLength; at += unitBytes) decodeVarint(cursor, dense, at, unitBytes);
    return dense;
  }
}

/** One past the last byte that ends a varint; `otherwise` when none does. */
function lastEnd(block: Uint8Array, otherwise: number): number {
  for (let i = block.byteLength - 1; i >= 0; i--) if ((block[i] ?? 0) < 0x80) return i + 1;
  return otherwise;
}

function placeBefore(places: readonly Place[], unit: number): number {
  let low = 0;
  let high = places.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((places[middle]?.unit ?? 0) <= unit) low = middle;
    else high = middle - 1;
  }
  return low;
}

function copyOverlap(dense: Uint8Array, denseStart: number, target: Uint8Array, targetStart: number): void {
  const from = Math.max(denseStart, targetStart);
  const to = Math.min(denseStart + dense.byteLength, targetStart + target.byteLength);
  if (from < to) target.set(dense.subarray(from - denseStart, to - denseStart), from - targetStart);
}

function tooFew(weight: Weight, found: number): EdgewiseError {
  return new EdgewiseError(
    'malformed',
    `The weight ${quotedName(weight.name)} is damaged: its numbers end after ${found}. Export or download the model again.`,
  );
}
