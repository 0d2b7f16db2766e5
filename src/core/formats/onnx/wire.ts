/** Wire types of protobuf. Groups (3, 4) are not used by ONNX and are refused. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/** A varint has at most ten bytes: seven bits each of 64. */
const MAX_VARINT_BYTES = 10;

export class WireError extends Error {}

/** Reads protobuf's primitives from bytes. Positions are relative to the bytes. @throws WireError on malformed ones. */
export class WireCursor {
  position = 0;

  constructor(readonly bytes: Uint8Array) {}

  /** A varint as a number; exact below 2^53, which no offset or length of a file exceeds. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new WireError('a number is cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new WireError('a number is longer than ten bytes');
  }
}

/** Bytes of `value` as a varint; a safe integer that is not negative. */
export function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

export function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
}
