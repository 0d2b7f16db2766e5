import type { Format } from '../format';
import { readOnnx } from './read';
import { writeOnnx } from './write';

export const onnxFormat: Omit<Format, 'encodings'> = {
  id: 'onnx',
  title: 'ONNX',
  extensions: ['.onnx'],
  read: readOnnx,
  write: writeOnnx,
};
