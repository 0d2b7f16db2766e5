import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../../src/core/compression/encodings';
import { encodeWeight } from '../../../../src/core/compression/encodings/encode';
import type { EncodedTensor } from '../../../../src/core/compression/encodings/encoded-tensor';
import type { WeightScheme } from '../../../../src/core/compression/encodings/scheme';
import { loadKernels } from '../../../../src/core/kernels';
import { collect, floats } from '../models';
import { bytesOf, inPieces, valuesIn } from './sources';

/** Parts of a tensor as they are stored: bytes in hexadecimal, by name. */
interface Stored {
  readonly [part: string]: string | Stored;
}

interface Golden {
  readonly shape: number[];
  readonly scheme: WeightScheme;
  readonly weights: string;
  readonly stored: Stored;
  readonly values: string;
}

const folder = path.resolve(__dirname, '../../../fixtures/encodings');
const golden = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, Golden] => [name, JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Golden]);

const hex = (numbers: ArrayBufferView): string => Buffer.from(bytesOf(numbers)).toString('hex');

function bytesIn(stored: Stored, part: string): Uint8Array<ArrayBuffer> {
  const text = stored[part];
  return Uint8Array.from(Buffer.from(typeof text === 'string' ? text : '', 'hex'));
}

/** What is stored of a tensor, under the names that golden files use. */
async function storedParts(tensor: EncodedTensor): Promise<Stored> {
  switch (tensor.kind) {
    case 'dense':
      return { data: hex(await collect(tensor.data)) };
    case 'affine': {
      const { scale, zeroPoint } = await tensor.scales();
      const zeros: Stored = zeroPoint === null ? {} : { zeroPoint: hex(zeroPoint) };
      return { codes: hex(await collect(tensor.codes)), scale: hex(scale), ...zeros };
    }
    case 'palette':
      return { codes: hex(await collect(tensor.codes)), table: hex(await tensor.table()) };
    case 'sparse':
      return { mask: hex(await collect(tensor.mask)), values: await storedParts(tensor.values) };
  }
}

/** A tensor of what a golden file stores, with nothing of our encoders in it. */
function tensorOf(shape: readonly number[], scheme: WeightScheme, stored: Stored): EncodedTensor {
  const { values } = stored;
  if (typeof values === 'object') {
    const mask = bytesIn(stored, 'mask');
    const nonZeros = mask.reduce((ones, byte) => ones + byte.toString(2).replaceAll('0', '').length, 0);
    const inner = tensorOf([nonZeros], scheme, values);
    if (inner.kind === 'sparse') throw new Error('Sparse values are not sparse themselves.');
    return { kind: 'sparse', shape, nonZeros, mask: inPieces(mask, 3), values: inner };
  }
  switch (scheme.kind) {
    case 'dense':
      return { kind: 'dense', shape, dtype: scheme.dtype, data: inPieces(bytesIn(stored, 'data'), 5) };
    case 'affine': {
      const { kind, bits, axis, block, symmetric } = scheme;
      const scale = floats(bytesIn(stored, 'scale'));
      const zeroPoint = symmetric ? null : new Int32Array(bytesIn(stored, 'zeroPoint').buffer);
      const scales = () => Promise.resolve({ scale, zeroPoint });
      const codes = inPieces(bytesIn(stored, 'codes'), 7);
      return { kind, shape, bits, axis, block, symmetric, signed: symmetric, scales, codes };
    }
    case 'palette': {
      const { kind, bits, axis, groups } = scheme;
      const table = () => Promise.resolve(floats(bytesIn(stored, 'table')));
      return { kind, shape, bits, axis, groups, table, codes: inPieces(bytesIn(stored, 'codes'), 7) };
    }
  }
}

describe('golden files', () => {
  test('there is one of every kind', () => {
    const kinds = golden.map(([, { scheme, stored }]) => ('mask' in stored ? 'sparse' : scheme.kind));
    expect(new Set(kinds)).toEqual(new Set(['dense', 'affine', 'palette', 'sparse']));
  });

  test.each(golden)('%s means the values that NumPy found', async (_, { shape, scheme, stored, values }) => {
    const kernels = await loadKernels();
    expect(hex(await collect(decode(kernels, tensorOf(shape, scheme, stored))))).toBe(values);
  });

  test.each(golden)('%s is what we encode, byte for byte', async (_, { shape, scheme, weights, stored }) => {
    const kernels = await loadKernels();
    const open = valuesIn(kernels, inPieces(Uint8Array.from(Buffer.from(weights, 'hex')), 33));
    expect(await storedParts(await encodeWeight(kernels, shape, open, scheme))).toEqual(stored);
  });
});
