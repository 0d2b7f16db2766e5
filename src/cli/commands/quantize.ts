import type { CliCommand } from '../command';
import { DATA_HELP } from '../data-options';
import { addCompressOptions } from './compress-options';
import { runCompression } from './run-compression';

export const quantize: CliCommand = {
  name: 'quantize',
  summary: 'store weights in fewer bits, your way',
  declare(command) {
    command
      .description(
        'Stores weights, and activations where asked, in fewer bits. The original is never touched; a report beside the result says what it costs.',
      )
      .argument('[model]', 'a .onnx file; default: the one that the recipe names')
      .addHelpText('after', EXAMPLES + DATA_HELP);
    addCompressOptions(command, { kinds: false });
  },
  run: runCompression,
};

const EXAMPLES = `
Examples:
  4 bits a weight, 32 weights a scale
    $ edgewise quantize digits.onnx --weights 4 --block 32
  16 values a layer, the best ones (k-means); the file unpacks itself when it is loaded
    $ edgewise quantize digits.onnx --weights 4 --encoding palette
  Half of the weights gone, the rest in 4 bits, and none of it stored
    $ edgewise quantize digits.onnx --weights 4 --encoding palette --sparsity 0.5
  Weights of 8 bits and activations of 16, ranges that leave outliers out
    $ edgewise quantize digits.onnx --weights 8 --activations 16 --ranges percentile --data digits.npz
  Accuracy won back without training
    $ edgewise quantize digits.onnx --weights 4 --repair fold,equalize,adaptive-rounding --data digits.npz
  For OpenVINO, TensorRT, QNN: operators that they know
    $ edgewise quantize digits.onnx --weights 8 --store native
  For a microcontroller: flash and tensor arena are in the report
    $ edgewise quantize digits.onnx --weights 8 --activations 8 --target micro --data digits.npz
`;
