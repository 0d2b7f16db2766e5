import { describe, expect, test } from 'vitest';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import type { Encoding } from '../../../../src/core/model/encoding';
import { model, node, smallNetwork } from '../models';
import { make } from './plain-weights';

describe('encodings that ONNX files do not hold', () => {
  const from = model(smallNetwork(make));
  const affine = { kind: 'affine', signed: true, axis: 0 } as const;

  test('are refused with the nearest that they do', () => {
    expect(onnxEncodings.refusal({ ...affine, bits: 8, block: null }, from)).toBeNull();
    expect(onnxEncodings.refusal({ ...affine, bits: 4, block: 32 }, from)).toBeNull();
    expect(onnxEncodings.refusal({ ...affine, bits: 12, block: null }, from)).toMatch(/nearest have 8/);
    expect(onnxEncodings.refusal({ kind: 'dense', dtype: 'float8e4m3fn' }, from)).toMatch(/nearest is float16/);
    expect(onnxEncodings.refusal({ kind: 'dense', dtype: 'int8' }, from)).toMatch(/without a scale/);
  });

  test('without an operator of their own are refused as native, and offered unpacking', () => {
    const refusal = (encoding: Encoding) => onnxEncodings.refusal(encoding, from, 'native');
    expect(refusal({ kind: 'palette', bits: 4, axis: null, groups: 1 })).toMatch(/4-bit palette.*Store it unpacking/);
    expect(refusal({ ...affine, bits: 3, block: null })).toMatch(/int3 per channel.*have 4 bits/);
    expect(refusal({ ...affine, bits: 4, block: null })).toBeNull();
    expect(refusal({ ...affine, bits: 8, block: null })).toBeNull();
  });

  test('in a model whose operators cannot be raised are refused with the operator', () => {
    const old = model({ ...smallNetwork(make), nodes: [node('ATen', ['x'], ['y'])] }, 9);
    expect(onnxEncodings.refusal({ ...affine, bits: 4, block: null }, old)).toMatch(/self-unpacking weights need/);
  });
});
