/** How often each symbol of a stream occurs, and what an ideal order-0 coder would need for it. */
export interface SymbolCounts {
  /** Takes the next chunk. Chunks before the last one must be a multiple of `CHUNK_MULTIPLE` bytes. */
  add(chunk: Uint8Array): void;
  /** Bytes at the entropy of what was counted; Infinity where this way of counting gave up. */
  bytes(): number;
}

/** Codes of 1 to 8 bits and words of up to 16 bytes end on a multiple of this. */
export const CHUNK_MULTIPLE = 3 * 5 * 7 * 16;

/** `n log2 n - sum of c log2 c` over the symbols' counts `c` with the sum `n`: what all n symbols need, in bits. */
export function entropyBits(counts: Iterable<number>): number {
  let total = 0;
  let sum = 0;
  for (const count of counts) {
    if (count === 0) continue;
    total += count;
    sum += count * Math.log2(count);
  }
  return total === 0 ? 0 : Math.max(0, total * Math.log2(total) - sum);
}

/** Codes of at most 8 bits, packed low bits first. What pads the last byte is not counted. */
export class CodeCounts implements SymbolCounts {
  private readonly counts: Float64Array;
  private left: number;

  /** @param codes how many there are */
  constructor(
    private readonly bits: number,
    codes: number,
  ) {
    this.counts = new Float64Array(2 ** bits);
    this.left = codes;
  }

  add(chunk: Uint8Array): void {
    const { counts, bits } = this;
    const codes = Math.min(this.left, Math.floor((chunk.length * 8) / bits));
    this.left -= codes;
    if (bits === 8) {
      for (let at = 0; at < codes; at++) increment(counts, chunk[at] ?? 0);
      return;
    }
    const mask = (1 << bits) - 1;
    for (let code = 0, bit = 0; code < codes; code++, bit += bits) {
      const at = bit >> 3;
      const pair = (chunk[at] ?? 0) | ((chunk[at + 1] ?? 0) << 8);
      increment(counts, (pair >> (bit & 7)) & mask);
    }
  }

  bytes(): number {
    return entropyBits(this.counts) / 8;
  }
}

/** Words of some bytes, each of their bytes a stream of its own: exponents repeat where mantissas do not. */
export class PlaneCounts implements SymbolCounts {
  private readonly planes: readonly Float64Array[];

  constructor(private readonly wordBytes: number) {
    this.planes = Array.from({ length: wordBytes }, () => new Float64Array(256));
  }

  add(chunk: Uint8Array): void {
    const { planes, wordBytes } = this;
    for (const [plane, counts] of planes.entries()) {
      for (let at = plane; at < chunk.length; at += wordBytes) increment(counts, chunk[at] ?? 0);
    }
  }

  bytes(): number {
    return this.planes.reduce((sum, counts) => sum + entropyBits(counts), 0) / 8;
  }
}

/** More distinct values than this are no palette: counting gives up, and memory stays bounded. */
export const MOST_DISTINCT_VALUES = 65_536;
/** Slots a value, so that a look-up takes one step or two. */
const SLOTS = 4;
/** Knuth's multiplicative hash: 2^32 over the golden ratio. */
const GOLDEN = 0x9e3779b1;

/** Words of 2 or 4 bytes by their values. The values themselves have to be stored, too: they are part of the bytes. */
export class ValueCounts implements SymbolCounts {
  private readonly keys: Uint32Array;
  private readonly counts: Float64Array;
  private readonly shift: number;
  private distinct = 0;

  /** @param words how many there are, at most */
  constructor(
    private readonly wordBytes: 2 | 4,
    words: number,
  ) {
    const bits = Math.ceil(Math.log2(SLOTS * Math.min(Math.max(1, words), MOST_DISTINCT_VALUES)));
    this.keys = new Uint32Array(2 ** bits);
    this.counts = new Float64Array(2 ** bits);
    this.shift = 32 - bits;
  }

  add(chunk: Uint8Array): void {
    const words = this.wordBytes === 2 ? wordsOf(Uint16Array, chunk, 2) : wordsOf(Uint32Array, chunk, 4);
    for (const word of words) {
      if (this.distinct > MOST_DISTINCT_VALUES) return;
      this.count(word);
    }
  }

  private count(word: number): void {
    const { keys, counts } = this;
    let slot = Math.imul(word, GOLDEN) >>> this.shift;
    while ((counts[slot] ?? 0) > 0 && keys[slot] !== word) slot = (slot + 1) & (keys.length - 1);
    if (counts[slot] === 0) {
      keys[slot] = word;
      this.distinct++;
    }
    increment(counts, slot);
  }

  bytes(): number {
    if (this.distinct > MOST_DISTINCT_VALUES) return Infinity;
    return this.distinct * this.wordBytes + entropyBits(this.counts) / 8;
  }
}

function wordsOf<Words>(
  kind: new (buffer: ArrayBufferLike, offset: number, length: number) => Words,
  { buffer, byteOffset, byteLength }: Uint8Array,
  wordBytes: number,
): Words {
  return new kind(buffer, byteOffset, Math.floor(byteLength / wordBytes));
}

function increment(counts: Float64Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
