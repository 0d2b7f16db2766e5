import type { CliCommand } from '../command';
import { DATA_HELP } from '../data-options';
import { addCompressOptions } from './compress-options';
import { runCompression } from './run-compression';

export const compress: CliCommand = {
  name: 'compress',
  summary: 'make a smaller model, and measure what it costs',
  declare(command) {
    command
      .description('Makes a smaller model beside the original, which is never touched, and a report of what it costs.')
      .argument('[model]', 'a .onnx file; default: the one that the recipe names')
      .addHelpText('after', EXAMPLES + DATA_HELP);
    addCompressOptions(command, { kinds: true });
  },
  run: runCompression,
};

const EXAMPLES = `
Examples:
  Weights only, no data needed
    $ edgewise compress digits.onnx --to int8-weights
  Integer arithmetic, calibrated and measured on one set, which is split
    $ edgewise compress digits.onnx --to int8 --data digits.npz
  One set for calibration, another for the figures; refuse to lose more than half a point
    $ edgewise compress digits.onnx --to int8 --calibration train.npz:500 --test test.npz --max-drop 0.5
  Pictures by class, as bytes of 0 to 255 made 0 to 1
    $ edgewise compress pets.onnx --to int8 --data photos/ --size 224x224 --scale 1/255
  What a recipe file says, or what made a report
    $ edgewise compress --recipe digits.edgewise.yaml
    $ edgewise compress digits.onnx --recipe digits.int8.edgewise.json
  Leave the layers that suffer most as they are, or all of one operator, or those whose names match
    $ edgewise compress digits.onnx --to int8 --data digits.npz --keep conv1 --keep Gemm --keep '/^head/'
  The smallest file that loses half a point at most; or one of 200 KB at most that loses least
    $ edgewise compress digits.onnx --max-drop 0.5 --data digits.npz
    $ edgewise compress digits.onnx --max-size 200KB --data digits.npz
`;
