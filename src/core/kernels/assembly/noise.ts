import { finiteMask, isFiniteValue, magnitude, promoteHigh, sumLanes } from './finite';

/**
 * Signal and noise of one chunk: sum w^2 and sum (w - w')^2 in float64 at `result` (two fields). Pairs with a value
 * that is not finite are left out.
 */
export function noise(original: usize, changed: usize, count: i32, result: usize): void {
  let signal0 = f64x2.splat(0);
  let signal1 = f64x2.splat(0);
  let noise0 = f64x2.splat(0);
  let noise1 = f64x2.splat(0);
  const vectors = count & ~3;
  for (let i = 0; i < vectors; i += 4) {
    const a = v128.load(original + ((<usize>i) << 2));
    const b = v128.load(changed + ((<usize>i) << 2));
    const mask = v128.and(finiteMask(magnitude(a)), finiteMask(magnitude(b)));
    const keptA = v128.and(a, mask);
    const keptB = v128.and(b, mask);
    const a0 = f64x2.promote_low_f32x4(keptA);
    const a1 = promoteHigh(keptA);
    const d0 = f64x2.sub(a0, f64x2.promote_low_f32x4(keptB));
    const d1 = f64x2.sub(a1, promoteHigh(keptB));
    signal0 = f64x2.add(signal0, f64x2.mul(a0, a0));
    signal1 = f64x2.add(signal1, f64x2.mul(a1, a1));
    noise0 = f64x2.add(noise0, f64x2.mul(d0, d0));
    noise1 = f64x2.add(noise1, f64x2.mul(d1, d1));
  }
  let signal = sumLanes(f64x2.add(signal0, signal1));
  let error = sumLanes(f64x2.add(noise0, noise1));
  for (let i = vectors; i < count; i++) {
    const a = load<f32>(original + ((<usize>i) << 2));
    const b = load<f32>(changed + ((<usize>i) << 2));
    if (!isFiniteValue(a) || !isFiniteValue(b)) continue;
    const difference = <f64>a - <f64>b;
    signal += <f64>a * <f64>a;
    error += difference * difference;
  }
  store<f64>(result, signal);
  store<f64>(result + 8, error);
}
