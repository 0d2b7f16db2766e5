import { describe, expect, it } from 'vitest';
import { activationParameters } from '../../../src/core/compression/quantization/static/activation-parameters';
import {
  biasCodes,
  biasScales,
  scalesThatHoldBias,
} from '../../../src/core/compression/quantization/static/bias-codes';
import { roundHalfEven } from '../../../src/core/compression/quantization/static/rounding';
import {
  channelMagnitudes,
  REDUCED_WEIGHT_LIMIT,
  WEIGHT_LIMIT,
  weightCodes,
  weightScales,
} from '../../../src/core/compression/quantization/static/weight-codes';

describe('rounding', () => {
  it('goes to the even neighbour from halves', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map(roundHalfEven).map((value) => value + 0)).toEqual([
      0, 2, 2, 0, -2, -2,
    ]);
    expect([0.4999, 2.51, -2.51].map(roundHalfEven).map((value) => value + 0)).toEqual([0, 3, -3]);
  });
});

describe('activations', () => {
  it('take 255 steps from the smallest to the largest value', () => {
    expect(activationParameters({ min: -1, max: 1.55 })).toEqual({ scale: Math.fround(2.55 / 255), zeroPoint: 100 });
    expect(activationParameters({ min: -2.55, max: 0 })).toEqual({ scale: Math.fround(0.01), zeroPoint: 255 });
  });

  it('always hold zero', () => {
    expect(activationParameters({ min: 1, max: 2.55 })).toEqual({ scale: Math.fround(0.01), zeroPoint: 0 });
    expect(activationParameters({ min: -2.55, max: -1 })).toEqual({ scale: Math.fround(0.01), zeroPoint: 255 });
  });

  it('are zeros with scale 1 when nothing but zero, or a denormal, was seen', () => {
    expect(activationParameters({ min: 0, max: 0 })).toEqual({ scale: 1, zeroPoint: 0 });
    expect(activationParameters({ min: 0, max: 1e-40 })).toEqual({ scale: 1, zeroPoint: 0 });
  });

  it('keep a finite scale at the ends of float32', () => {
    const { scale, zeroPoint } = activationParameters({ min: -3.4e38, max: 3.4e38 });
    expect(Number.isFinite(scale)).toBe(true);
    expect(zeroPoint).toBe(128);
  });
});

describe('weights', () => {
  const values = Float32Array.of(1, -2, 0.5, 0, 0, 0, 3, 0.3, -0.3);

  it('have a scale a channel, whichever axis the channels lie along', () => {
    expect([...channelMagnitudes(values, [3, 3], 0)]).toEqual([2, 0, 3]);
    expect([...channelMagnitudes(values, [3, 3], 1)].map(Math.fround)).toEqual([3, 2, 0.5]);
    expect([...channelMagnitudes(values, [3, 3], null)]).toEqual([3]);
  });

  it('reach 127, or 64 in 7 bits, and never -128', () => {
    const scales = weightScales(channelMagnitudes(values, [3, 3], 0), WEIGHT_LIMIT);
    expect([...weightCodes(values, [3, 3], 0, scales, WEIGHT_LIMIT)]).toEqual([64, -127, 32, 0, 0, 0, 127, 13, -13]);
    const reduced = weightScales(channelMagnitudes(values, [3, 3], 0), REDUCED_WEIGHT_LIMIT);
    expect([...weightCodes(values, [3, 3], 0, reduced, REDUCED_WEIGHT_LIMIT)]).toEqual([
      32, -64, 16, 0, 0, 0, 64, 6, -6,
    ]);
  });

  it('give a channel of zeros the scale of the largest, by which its bias is rounded', () => {
    const [first, zeros, last] = weightScales(Float64Array.of(2, 0, 3), WEIGHT_LIMIT);
    expect(first).toBe(Math.fround(2 / 127));
    expect(zeros).toBe(last);
    expect([...weightScales(Float64Array.of(0, 0), WEIGHT_LIMIT)]).toEqual([1, 1]);
  });

  it('show NaN in the magnitude of its channel only', () => {
    expect([...channelMagnitudes(Float32Array.of(1, NaN, 5, 2), [2, 2], 0)]).toEqual([NaN, 5]);
    expect([...channelMagnitudes(Float32Array.of(NaN, 1, 5, 2), [2, 2], 0)]).toEqual([NaN, 5]);
    expect([...channelMagnitudes(Float32Array.of(NaN, 1, 5, 2), [2, 2], 1)]).toEqual([NaN, 2]);
  });
});

describe('biases', () => {
  it('are int32 in units of input scale times weight scale', () => {
    const scales = biasScales(Float32Array.of(0.5, 0.25), 2, 0.125);
    expect([...scales]).toEqual([0.0625, 0.03125]);
    expect([...biasCodes(Float32Array.of(1, -1), scales)]).toEqual([16, -32]);
  });

  it('widen a weight scale in which they would overflow, and leave the others', () => {
    const scales = Float32Array.of(1e-12, 0.01);
    const wide = scalesThatHoldBias(scales, Float32Array.of(100, 100), 0.01);
    expect(wide[1]).toBe(scales[1]);
    const [code = 0] = biasCodes(Float32Array.of(100), biasScales(wide, 1, 0.01));
    expect(code).toBeLessThan(2 ** 31 - 1);
    expect(code * (biasScales(wide, 1, 0.01)[0] ?? 0)).toBeCloseTo(100, 3);
  });

  it('never divide by a scale that vanishes', () => {
    const scales = scalesThatHoldBias(Float32Array.of(2 ** -126), Float32Array.of(0), 1e-20);
    expect([...biasCodes(Float32Array.of(0), biasScales(scales, 1, 1e-20))]).toEqual([0]);
  });
});
