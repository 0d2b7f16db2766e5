/** Widths of codes; 8 needs no packing. */
export type CodeBits = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export function isCodeBits(bits: number): bits is CodeBits {
  return Number.isInteger(bits) && bits >= 1 && bits <= 8;
}

/** Bytes of `count` packed codes; the last byte is padded with zeros. */
export function packedLength(bits: CodeBits, count: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Packs one code a byte (its low bits) into `bits` a code, little-endian, low bits first. */
export function packCodes(bits: CodeBits, codes: Uint8Array): Uint8Array {
  if (bits === 8) return codes;
  const packed = new Uint8Array(packedLength(bits, codes.length));
  const mask = (1 << bits) - 1;
  for (let i = 0, bit = 0; i < codes.length; i++, bit += bits) {
    const code = ((codes[i] ?? 0) & mask) << (bit & 7);
    const at = bit >> 3;
    packed[at] = (packed[at] ?? 0) | code;
    if (code > 255) packed[at + 1] = code >> 8;
  }
  return packed;
}

/** Undoes `packCodes` in place of `into`: one code a byte, its sign extended to all 8 bits when `signed`. */
export function unpackCodes(bits: CodeBits, signed: boolean, packed: Uint8Array, into: Uint8Array): void {
  if (bits === 8) {
    into.set(packed.subarray(0, into.length));
    return;
  }
  const mask = (1 << bits) - 1;
  const sign = signed ? 1 << (bits - 1) : 0;
  for (let i = 0, bit = 0; i < into.length; i++, bit += bits) {
    const at = bit >> 3;
    const pair = (packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8);
    const code = (pair >> (bit & 7)) & mask;
    into[i] = (code ^ sign) - sign;
  }
}
