/**
 * Positions of a sparse tensor as steps: each non-zero is told by its distance from the one before it (the first by its
 * index). A step of `bits` bits holds 0 to `2^bits - 2`; its largest code is a filler, an element of value zero that lies
 * `2^bits - 2` further on. So positions never repeat, and a decoder needs nothing but a running sum.
 */
export const STEP_BITS = [2, 3, 4, 5, 6, 7, 8] as const;

export type StepBits = (typeof STEP_BITS)[number];

/** Entries, fillers included, by the bits of a step. */
export type StepCounts = Readonly<Record<StepBits, number>>;

/** The code that marks a filler: the largest. */
export function fillerCode(bits: StepBits): number {
  return 2 ** bits - 1;
}

/** Fillers in front of a non-zero that lies `gap` elements behind the one before it. */
export function fillersIn(gap: number, bits: StepBits): number {
  return gap === 0 ? 0 : Math.floor((gap - 1) / (fillerCode(bits) - 1));
}

/** Counts the entries of a mask that comes in pieces, low bits first. */
export class StepCounter {
  private readonly entries = new Map<StepBits, number>(STEP_BITS.map((bits) => [bits, 0]));
  /** Elements since the last non-zero; for the first, its index. */
  private gap = 0;
  private started = false;
  nonZeros = 0;

  add(mask: Uint8Array): void {
    for (const byte of mask) {
      if (byte === 0) this.gap += 8;
      else for (let bit = 0; bit < 8; bit++) this.element((byte >> bit) & 1);
    }
  }

  get counts(): StepCounts {
    const of = (bits: StepBits): number => this.entries.get(bits) ?? 0;
    return { 2: of(2), 3: of(3), 4: of(4), 5: of(5), 6: of(6), 7: of(7), 8: of(8) };
  }

  private element(isThere: number): void {
    if (this.started) this.gap++;
    if (isThere === 0) {
      if (!this.started) this.gap++;
      return;
    }
    for (const bits of STEP_BITS) this.entries.set(bits, (this.entries.get(bits) ?? 0) + 1 + fillersIn(this.gap, bits));
    this.nonZeros++;
    this.gap = 0;
    this.started = true;
  }
}
