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

/** Distances up to this one are counted by how often they come; longer ones, which are rare, one by one. */
const COUNTED_GAPS = 4096;

/** Counts the entries of a mask that comes in pieces, low bits first. */
export class StepCounter {
  private readonly gaps = new Float64Array(COUNTED_GAPS);
  private readonly longFillers = new Map<StepBits, number>();
  /** Elements since the last non-zero; for the first, its index. */
  private gap = -1;
  nonZeros = 0;

  add(mask: Uint8Array): void {
    for (const byte of mask) {
      if (byte === 0) {
        this.gap += 8;
        continue;
      }
      for (let bit = 0; bit < 8; bit++) {
        this.gap++;
        if ((byte >> bit) & 1) this.found();
      }
    }
  }

  get counts(): StepCounts {
    const of = (bits: StepBits): number => this.nonZeros + this.fillers(bits);
    return { 2: of(2), 3: of(3), 4: of(4), 5: of(5), 6: of(6), 7: of(7), 8: of(8) };
  }

  private found(): void {
    if (this.gap < COUNTED_GAPS) this.gaps[this.gap] = (this.gaps[this.gap] ?? 0) + 1;
    else {
      for (const bits of STEP_BITS) {
        this.longFillers.set(bits, (this.longFillers.get(bits) ?? 0) + fillersIn(this.gap, bits));
      }
    }
    this.nonZeros++;
    this.gap = 0;
  }

  private fillers(bits: StepBits): number {
    return this.gaps.reduce((sum, times, gap) => sum + times * fillersIn(gap, bits), this.longFillers.get(bits) ?? 0);
  }
}
