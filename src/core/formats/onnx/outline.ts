import { BYTES, FIXED32, FIXED64, VARINT, WireCursor, WireError } from './wire';

/** A range of the file, `end` excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One field of a message: where it starts (its tag), where its value lies. */
export interface Field extends Range {
  readonly number: number;
  readonly wireType: number;
  readonly valueStart: number;
}

/**
 * A file without its large payloads: every other byte is here, addressed by its offset in the file. What was left out
 * are holes, each the value of one field.
 */
export class Outline {
  private readonly segments: { start: number; end: number; at: number }[] = [];

  /** @param bytes all bytes outside the holes, joined. @param holes sorted, not overlapping. */
  constructor(
    readonly bytes: Buffer,
    readonly size: number,
    readonly holes: readonly Range[],
  ) {
    let start = 0;
    let at = 0;
    for (const hole of [...holes, { start: size, end: size }]) {
      this.segments.push({ start, end: hole.start, at });
      at += hole.start - start;
      start = hole.end;
    }
  }

  /** The bytes of a range, or null when a part of it was left out. */
  slice(start: number, end: number): Buffer | null {
    const segment = this.segmentAt(start);
    if (segment === undefined || end > segment.end) return null;
    return this.bytes.subarray(segment.at + start - segment.start, segment.at + end - segment.start);
  }

  /** The range as alternating pieces: bytes that are here, and ranges of the file that are not. */
  *pieces(range: Range): Generator<Buffer | Range> {
    let position = range.start;
    while (position < range.end) {
      const segment = this.segmentAt(position);
      const keptEnd = segment ? Math.min(segment.end, range.end) : position;
      const kept = this.slice(position, keptEnd);
      if (kept !== null && kept.byteLength > 0) {
        yield kept;
        position = keptEnd;
        continue;
      }
      const hole = this.holeAt(position);
      if (hole === undefined) throw new WireError('a range lies outside the file');
      const end = Math.min(hole.end, range.end);
      yield { start: position, end };
      position = end;
    }
  }

  /** The fields of a message, in order. @throws WireError when they do not fill the message exactly. */
  *fields(range: Range): Generator<Field> {
    let position = range.start;
    while (position < range.end) {
      const field = this.fieldAt(position, range.end);
      yield field;
      position = field.end;
    }
  }

  private fieldAt(start: number, limit: number): Field {
    const segment = this.segmentAt(start);
    if (segment === undefined) throw new WireError('a field is cut off');
    const cursor = new WireCursor(this.bytes);
    const shift = segment.start - segment.at;
    cursor.position = start - shift;
    const tag = cursor.varint();
    const wireType = tag % 8;
    const { valueStart, end } = valueRange(cursor, wireType);
    const field = {
      number: Math.floor(tag / 8),
      wireType,
      start,
      valueStart: valueStart + shift,
      end: end + shift,
    };
    if (field.end > limit) throw new WireError('a field is longer than what holds it');
    return field;
  }

  private segmentAt(offset: number): { start: number; end: number; at: number } | undefined {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const candidate = this.segments[middle];
      if (candidate !== undefined && candidate.start <= offset) low = middle;
      else high = middle - 1;
    }
    const found = this.segments[low];
    return found !== undefined && offset >= found.start && offset <= found.end ? found : undefined;
  }

  private holeAt(offset: number): Range | undefined {
    let low = 0;
    let high = this.holes.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const hole = this.holes[middle];
      if (hole === undefined) return undefined;
      if (offset < hole.start) high = middle - 1;
      else if (offset >= hole.end) low = middle + 1;
      else return hole;
    }
    return undefined;
  }
}

/** Where the value of a field lies, from a cursor behind its tag. Lengths are without their prefix. */
function valueRange(cursor: WireCursor, wireType: number): { valueStart: number; end: number } {
  const valueStart = cursor.position;
  switch (wireType) {
    case VARINT:
      cursor.varint();
      return { valueStart, end: cursor.position };
    case FIXED64:
      return { valueStart, end: valueStart + 8 };
    case FIXED32:
      return { valueStart, end: valueStart + 4 };
    case BYTES: {
      const length = cursor.varint();
      return { valueStart: cursor.position, end: cursor.position + length };
    }
    default:
      throw new WireError(`a field has the wire type ${wireType}`);
  }
}
