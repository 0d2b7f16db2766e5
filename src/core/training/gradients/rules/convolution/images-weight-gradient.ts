import type { GraphBuilder } from '../../../graph/builder';
import { reduceSum } from '../../../graph/reduction';
import { pad, reshape, transpose } from '../../../graph/shaping';
import type { Term } from '../../../graph/term';
import { type Block, blockedConvolution, intoBlocks, intoBlocksFromLast, toBlocked } from './blocked';
import type { Layer } from './layer';
import { withoutRest } from './plain';

/**
 * One convolution in the runtime's layout whose blocks hold images, since the sum goes over these: the large grid
 * `[C, N, H, W * channels beside each other]` with the small grid as its weights. A step to the next element of a row
 * is then a dilation by those channels, and the result has a row long enough to be computed at full speed. Blocks of
 * images are groups, summed at the end, so that threads share the work.
 */
export function byImages(build: GraphBuilder, layer: Layer, block: Block, large: Term, small: Term): Term {
  const { window, channels, outputs, batch } = layer;
  const { kernel, strides, before, after, small: positions } = window;
  const [down = 1, right = 1] = strides;
  const [tall = 1, wide = 1] = kernel;
  const groups = batch / block;
  const beside = channels % block === 0 ? block : 1;
  const parts = channels / beside;
  const result = blockedConvolution(
    build,
    [largeByImages(build, layer, block, large), smallByImages(build, layer, block, small)],
    [parts, groups * outputs, tall, wide * beside],
    {
      ...{ kernel: positions, dilations: [down, right * beside], group: groups },
      ...{ before: [before[0] ?? 0, 0], after: [Math.max(0, after[0] ?? 0), 0] },
    },
  );
  const apart = [parts, groups, outputs / block, tall * wide, beside, block];
  const sum = reduceSum(build, reshape(build, result, apart), [1], { keep: false });
  return reshape(build, transpose(build, sum, [1, 4, 0, 3, 2]), [outputs, channels, ...kernel]);
}

/** `[C / beside, N / block, H, W, beside, block]` of channels and images, padded along rows. */
function largeByImages(build: GraphBuilder, { window, channels, batch }: Layer, block: Block, large: Term): Term {
  const whole = withoutRest(build, window.after, large);
  const [height = 1, width = 1] = whole.shape.slice(2);
  const beside = channels % block === 0 ? block : 1;
  const [parts, groups, size] = [channels / beside, batch / block, height * width * beside * block];
  const images =
    beside === 1
      ? intoBlocks(build, whole, [1, batch, channels * height * width, 1], 'backward')
      : intoBlocks(
          build,
          toBlocked(build, whole, 'backward'),
          [groups, block, channels * height * width, 1],
          'backward',
        );
  const channelsFirst = transpose(build, reshape(build, images, [groups, parts, size]), [1, 0, 2]);
  const rows = reshape(build, channelsFirst, [parts * groups * height, width * beside * block]);
  const [front, back] = [window.before[1] ?? 0, Math.max(0, window.after[1] ?? 0)];
  const padded = pad(build, rows, [0, front * beside * block], [0, back * beside * block]);
  return reshape(build, padded, [parts, batch, height, (front + width + back) * beside]);
}

/** `[N / block, O / block, positions, block of images, block of outputs]`. */
function smallByImages(build: GraphBuilder, { window, outputs, batch }: Layer, block: Block, small: Term): Term {
  const groups = batch / block;
  const places = window.small.reduce((product, length) => product * length, 1);
  const images = intoBlocksFromLast(build, toBlocked(build, small, 'backward'), [groups, block, 1, outputs * places]);
  return reshape(build, images, [groups * outputs, block, ...window.small]);
}
