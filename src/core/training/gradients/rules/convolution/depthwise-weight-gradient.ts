import type { GraphBuilder } from '../../../graph/builder';
import { reduceSum } from '../../../graph/reduction';
import { reshape, transpose } from '../../../graph/shaping';
import type { Term } from '../../../graph/term';
import { type Block, blockedConvolution, toBlocked } from './blocked';
import type { Layer } from './layer';
import { withoutRest } from './plain';

/**
 * All channels of all images become channels of one depthwise convolution, whose weights are the small grid as it lies
 * in memory; strides and dilations change places. The sum over images follows.
 */
export function depthwiseWeightGradient(
  build: GraphBuilder,
  { window, batch, channels }: Layer,
  block: Block,
  large: Term,
  small: Term,
): Term {
  const { kernel, strides, dilations, before, after, small: positions } = window;
  const whole = withoutRest(build, after, large);
  const planes = batch * channels;
  const result = blockedConvolution(
    build,
    [
      reshape(build, toBlocked(build, whole, 'backward'), [1, planes, ...whole.shape.slice(2)]),
      reshape(build, toBlocked(build, small, 'backward'), [planes, 1, ...positions]),
    ],
    [1, planes, ...kernel],
    {
      ...{ kernel: positions, strides: dilations, dilations: strides, before, group: planes },
      after: after.map((length) => Math.max(0, length)),
    },
  );
  const taps = kernel.reduce((product, length) => product * length, 1);
  const sum = reduceSum(build, reshape(build, result, [batch, channels * taps]), [0], { keep: false });
  const ordered = transpose(build, reshape(build, sum, [channels / block, taps, block]), [0, 2, 1]);
  return reshape(build, ordered, [channels, 1, ...kernel]);
}
