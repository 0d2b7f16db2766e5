import { describe, expect, it } from 'vitest';
import { Breather } from '../../../src/core/compression/repair/breather';
import { hadamardFactors } from '../../../src/core/compression/repair/rotation/hadamard';
import { rotateAxis } from '../../../src/core/compression/repair/rotation/rotate-axis';
import {
  meanKeepingRotation,
  spreadingRotation,
  type Rotation,
} from '../../../src/core/compression/repair/rotation/rotation';
import { quietContext } from '../../../src/core/progress';
import { random } from '../quantization/networks';

const breather = new Breather(quietContext().signal);

/** The rotation as a matrix, row-major. */
async function matrixOf(rotation: Rotation | null): Promise<Float32Array> {
  if (rotation === null) throw new Error('there is a rotation of that size');
  const { size } = rotation;
  const values = Float32Array.from({ length: size * size }, (_, at) => (Math.floor(at / size) === at % size ? 1 : 0));
  await rotateAxis(values, [size, size], 1, [0], rotation, breather);
  return values;
}

/** How far `Q Q^T` is from the identity. */
function imprecision(matrix: Float32Array): number {
  const size = Math.sqrt(matrix.length);
  let worst = 0;
  for (let left = 0; left < size; left++) {
    for (let right = 0; right < size; right++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += (matrix[left * size + k] ?? 0) * (matrix[right * size + k] ?? 0);
      worst = Math.max(worst, Math.abs(sum - (left === right ? 1 : 0)));
    }
  }
  return worst;
}

const largest = (matrix: Float32Array): number => matrix.reduce((most, each) => Math.max(most, Math.abs(each)), 0);

describe('rotations that spread', () => {
  it.each([2, 4, 12, 16, 20, 24, 28, 36, 44, 48, 60, 64, 76, 80, 96, 108, 112, 160, 192])(
    'of %i channels are Hadamard matrices: every entry is as large as every other',
    async (size) => {
      expect(hadamardFactors(size)).not.toBeNull();
      const matrix = await matrixOf(spreadingRotation(size, 1));
      expect(imprecision(matrix)).toBeLessThan(1e-5);
      matrix.forEach((entry) => {
        expect(Math.abs(entry)).toBeCloseTo(1 / Math.sqrt(size), 5);
      });
    },
  );

  it.each([3, 18, 25, 50, 92])('of %i channels spread nearly as well without one', async (size) => {
    const matrix = await matrixOf(spreadingRotation(size, 1));
    expect(imprecision(matrix)).toBeLessThan(1e-5);
    expect(largest(matrix)).toBeLessThan(1.001 * Math.sqrt(2 / size));
  });

  it('have the widths of known transformers', () => {
    for (const width of [768, 1280, 3584, 5120, 13824, 14336]) expect(hadamardFactors(width)).not.toBeNull();
    expect(spreadingRotation(11008, 1)?.factors.map(({ size }) => size)).toEqual([43, 4, 4, 4, 4]);
  });

  it('differ by their seeds, and are none for sizes that would take too long', async () => {
    expect(await matrixOf(spreadingRotation(16, 1))).not.toEqual(await matrixOf(spreadingRotation(16, 2)));
    expect(spreadingRotation(4099, 1)).toBeNull();
    expect(meanKeepingRotation(4099, 1)).toBeNull();
  });
});

describe('rotations that keep the mean', () => {
  it.each([2, 3, 8, 12, 32, 50, 64, 192])('of %i channels leave the vector of ones where it is', async (size) => {
    const matrix = await matrixOf(meanKeepingRotation(size, 1));
    expect(imprecision(matrix)).toBeLessThan(1e-5);
    for (let row = 0; row < size; row++) {
      const sum = matrix.subarray(row * size, (row + 1) * size).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });

  it('spread a channel evenly where the size is a power of 4', async () => {
    expect(largest(await matrixOf(meanKeepingRotation(64, 1)))).toBeCloseTo(1 / 8, 5);
  });
});

describe('rotating along an axis', () => {
  it('multiplies blocks of channels alike, and leaves what is between them', async () => {
    const rotation = spreadingRotation(4, 1);
    const matrix = await matrixOf(rotation);
    const before = random(3 * 12 * 5, 1);
    const after = before.slice();
    if (rotation !== null) await rotateAxis(after, [3, 12, 5], 1, [0, 8], rotation, breather);
    for (let at = 0; at < before.length; at++) {
      const [block, channel, inner] = [Math.floor(at / 60), Math.floor(at / 5) % 12, at % 5];
      if (channel >= 4 && channel < 8) {
        expect(after[at]).toBe(before[at]);
        continue;
      }
      const first = channel - (channel % 4);
      let sum = 0;
      for (let k = 0; k < 4; k++) {
        sum += (before[block * 60 + (first + k) * 5 + inner] ?? 0) * (matrix[k * 4 + (channel % 4)] ?? 0);
      }
      expect(after[at]).toBeCloseTo(sum, 5);
    }
  });

  it('stops when it is cancelled', async () => {
    const rotation = spreadingRotation(1024, 1);
    const cancel = new AbortController();
    cancel.abort();
    if (rotation === null) throw new Error('there is a rotation of 1024 channels');
    const stopped = rotateAxis(random(2 ** 22, 1), [4096, 1024], 1, [0], rotation, new Breather(cancel.signal));
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
