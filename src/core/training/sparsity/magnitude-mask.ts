/**
 * A mask of ones with `round(level * elements)` zeros where magnitudes are smallest; of equal ones the first go. What
 * was masked before stays so.
 */
export function magnitudeMask(weight: Float32Array, before: Float32Array, level: number): Float32Array {
  const magnitudes = weight.map((value, index) => ((before[index] ?? 1) === 0 ? -1 : Math.abs(value)));
  const count = Math.round(level * weight.length);
  const mask = new Float32Array(weight.length).fill(1);
  if (count === 0) return Float32Array.from(before);
  const threshold = magnitudes.slice().sort()[count - 1] ?? 0;
  let ties = count - magnitudes.reduce((below, value) => below + (value < threshold ? 1 : 0), 0);
  magnitudes.forEach((value, index) => {
    if (value < 0 || value < threshold || (value === threshold && ties-- > 0)) mask[index] = 0;
  });
  return mask;
}
