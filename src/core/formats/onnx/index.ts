import type { Format } from '../format';
import { readOnnx } from './read';
import { onnxEncodings } from './store';
import { computeInHalf } from './store/half-precision';
import { writeOnnx } from './write';
import { encodeModel } from './write/encode-model';
import { inlineStorage } from './write/storage';

export const onnxFormat: Format = {
  id: 'onnx',
  title: 'ONNX',
  extensions: ['.onnx'],
  read: readOnnx,
  encodings: onnxEncodings,
  computeInHalf,
  encodedBytes: (model) => encodeModel(model, inlineStorage).byteLength,
  write: writeOnnx,
};
