import { needsReducedRange } from './processor';

/** Whether int8 weights keep to 7 bits, and why, in a sentence for the report. */
export interface RangeAdvice {
  readonly reduce: boolean;
  readonly why: string;
}

const ASKED: RangeAdvice = {
  reduce: true,
  why: 'Weights have 7 bits, as asked or since the target may be an x86 processor without VNNI: those add pairs of 8-bit products in 16 bits, which saturates.',
};

const NOT_ASKED: RangeAdvice = {
  reduce: false,
  why: 'Weights have 8 bits, as asked or since the target adds 8-bit products in 32 bits.',
};

const SATURATES: RangeAdvice = {
  reduce: true,
  why: 'Weights have 7 bits: this processor adds pairs of 8-bit products in 16 bits, which saturates (x86 without VNNI).',
};

const EXACT: RangeAdvice = {
  reduce: false,
  why: 'Weights have 8 bits, which this processor multiplies exactly. On x86 processors without VNNI the file may be less accurate; for those, use 7 bits (--reduce-range yes).',
};

/** For `auto`, what a product of this processor shows; otherwise what was asked. */
export async function rangeAdvice(asked: boolean | 'auto'): Promise<RangeAdvice> {
  if (asked === 'auto') return (await needsReducedRange()) ? SATURATES : EXACT;
  return asked ? ASKED : NOT_ASKED;
}
