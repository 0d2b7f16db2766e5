import { describe, expect, it } from 'vitest';
import { encodeWeight } from '../../../../src/core/compression/encodings/encode';
import { noteFound } from '../../../../src/core/compression/encodings/recent-scales';
import { loadKernels } from '../../../../src/core/kernels';
import { floatsIn } from './sources';

/** Scales of 10 MB: two weights have more of them than are kept. */
const MANY = { scale: new Float32Array(2_500_000), zeroPoint: null };

describe('scales of large models', () => {
  it('are forgotten once those of later weights fill their place, the newest last', () => {
    const forgotten: number[] = [];
    const holders = [1, 2, 3].map((number) => ({ forget: () => forgotten.push(number) }));
    for (const holder of holders) noteFound(holder, MANY);
    expect(forgotten).toEqual([1, 2]);
  });

  it('are found again when they are asked for again', async () => {
    const kernels = await loadKernels();
    const values = Float32Array.from({ length: 64 * 32 }, (_, at) => Math.sin(at));
    const scheme = { kind: 'affine', bits: 4, axis: 0, block: 32, symmetric: true, scales: 'mse' } as const;
    const tensor = await encodeWeight(kernels, [64, 32], floatsIn(kernels, values), scheme);
    if (tensor.kind !== 'affine') throw new Error(tensor.kind);
    const before = await tensor.scales();
    noteFound({ forget: () => undefined }, { ...MANY, scale: new Float32Array(5_000_000) });
    const again = await tensor.scales();
    expect(again).not.toBe(before);
    expect(again).toEqual(before);
  });
});
