import type { KeptOutputs } from '../../evaluation/kept-outputs';

/**
 * What differs between two models' outputs, as a share of the variance of the first's: the sum of squared differences by
 * the sum of squared distances from the mean, averaged over outputs. Infinite where a constant output changed; NaN where
 * outputs are no numbers.
 */
export function noiseShare(original: KeptOutputs, changed: KeptOutputs): number {
  const shares = [...original.outputs].map(([name, { values }]) => {
    const others = changed.outputs.get(name)?.values;
    return others?.length === values.length ? shareOf(values, others) : NaN;
  });
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
}

function shareOf(original: Float32Array, changed: Float32Array): number {
  const mean = original.reduce((sum, value) => sum + value, 0) / Math.max(1, original.length);
  let noise = 0;
  let signal = 0;
  original.forEach((value, at) => {
    noise += ((changed[at] ?? NaN) - value) ** 2;
    signal += (value - mean) ** 2;
  });
  return noise === 0 ? 0 : noise / signal;
}
