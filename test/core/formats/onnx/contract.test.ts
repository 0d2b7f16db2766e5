import path from 'node:path';
import { describe } from 'vitest';
import { formatOf } from '../../../../src/core/formats';
import { formatContract } from '../contract';

const fixture = (name: string): string => path.join(__dirname, '../../../fixtures/onnx', name);

describe('ONNX', () => {
  formatContract(formatOf('onnx'), [
    { name: 'TorchScript exporter', files: [fixture('tiny.torchscript.onnx')] },
    {
      name: 'TorchScript exporter, two files',
      files: [fixture('tiny.torchscript.two-files.onnx'), fixture('tiny.torchscript.two-files.onnx.data')],
    },
    {
      name: 'dynamo exporter, two files',
      files: [fixture('tiny.dynamo.two-files.onnx'), fixture('tiny.dynamo.two-files.onnx.data')],
    },
    { name: 'dynamo exporter', files: [fixture('tiny.dynamo.onnx')] },
  ]);
});
