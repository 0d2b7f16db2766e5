import type { Format } from '../format';
import { readOnnx } from './read';
import { onnxEncodings } from './store';
import { writeOnnx } from './write';

export const onnxFormat: Format = {
  id: 'onnx',
  title: 'ONNX',
  extensions: ['.onnx'],
  read: readOnnx,
  encodings: onnxEncodings,
  write: writeOnnx,
};
