import type { Format } from '../format';
import { readOnnx } from './read';

export const onnxFormat: Pick<Format, 'id' | 'title' | 'extensions' | 'read'> = {
  id: 'onnx',
  title: 'ONNX',
  extensions: ['.onnx'],
  read: readOnnx,
};
