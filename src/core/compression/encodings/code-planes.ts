/**
 * How codes of one width lie in the bytes of a file. Codes of 1, 2, 4 and 8 bits fill bytes evenly and stay as they are
 * packed: low bits first. Others are split into planes that do: the low 4 or 2 bits of each code, then the rest.
 * A group of codes is as many bytes as it has bits, plane after plane.
 */
export interface CodePlanes {
  readonly bits: number;
  /** The widest plane first, which holds the lowest bits. */
  readonly planes: readonly Plane[];
  /** Codes in a group. */
  readonly codes: number;
  /** Bytes in a group. */
  readonly bytes: number;
}

export interface Plane {
  /** Bits of a code in this plane: 1, 2, 4 or 8. */
  readonly width: number;
  /** Bits of a code below this plane. */
  readonly shift: number;
  /** Bytes of a group in this plane. */
  readonly bytes: number;
}

const WIDTHS = [8, 4, 2, 1];

/** @param bits 1 to 8. */
export function codePlanes(bits: number): CodePlanes {
  const widths = WIDTHS.filter((width) => (bits & width) !== 0);
  const codes = 8 / (widths.at(-1) ?? 8);
  let shift = 0;
  const planes = widths.map((width) => {
    const plane = { width, shift, bytes: (width * codes) / 8 };
    shift += width;
    return plane;
  });
  return { bits, planes, codes, bytes: (bits * codes) / 8 };
}

/** Bytes of `count` codes: whole groups. */
export function planeBytes(bits: number, count: number): number {
  const { codes, bytes } = codePlanes(bits);
  return Math.ceil(count / codes) * bytes;
}

/** One code a byte, as it is stored, of bytes in planes: `into.length` codes from the first on. */
export function codesFromPlanes(bits: number, stored: Uint8Array, into: Uint8Array): void {
  const { planes, codes, bytes } = codePlanes(bits);
  for (let index = 0; index < into.length; index++) {
    const code = index % codes;
    let start = ((index - code) / codes) * bytes;
    let value = 0;
    for (const plane of planes) {
      const place = code * plane.width;
      value |= (((stored[start + (place >> 3)] ?? 0) >> (place & 7)) & (2 ** plane.width - 1)) << plane.shift;
      start += plane.bytes;
    }
    into[index] = value;
  }
}
