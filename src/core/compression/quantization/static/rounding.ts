/** To the nearest integer, halves to the even one: what `QuantizeLinear` and NumPy do. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Clipped to the bounds. */
export function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
