/** Negative values beyond this share of the positive ones need codes of their own. */
const NEGLIGIBLE = 1e-3;

/** The zero point of an activation whose codes begin at 0: 0 after a ReLU, otherwise the middle. */
export function signedness({ min, max }: { readonly min: number; readonly max: number }, bits: number): number {
  return -min > NEGLIGIBLE * Math.max(max, 0) ? 2 ** (bits - 1) : 0;
}
