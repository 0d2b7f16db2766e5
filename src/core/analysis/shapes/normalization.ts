import type { ShapeRule } from './operator-call';
import { axisOf, facts, UNKNOWN } from './facts';
import { likeFirst } from './elementwise';

/** Training outputs (running mean and variance) have the length of the channels. */
const batchNormalization: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const channels = facts(call.input(3).dtype, shape === null ? null : [shape[1] ?? null]);
  return [facts(dtype, shape), ...call.node.outputs.slice(1).map(() => channels)];
};

const layerNormalization: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const axis = shape === null ? null : axisOf(call.int('axis', -1), shape.length);
  const statistics =
    shape === null || axis === null
      ? UNKNOWN
      : facts(
          'float32',
          shape.map((length, at) => (at < axis ? length : 1)),
        );
  return [facts(dtype, shape), statistics, statistics];
};

/** com.microsoft: the fourth output is the sum of input and skip. */
const skipLayerNormalization: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  return [facts(dtype, shape), UNKNOWN, UNKNOWN, facts(dtype, shape)];
};

export const NORMALIZATION: Readonly<Record<string, ShapeRule>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  SimplifiedLayerNormalization: layerNormalization,
  RMSNormalization: layerNormalization,
  SkipLayerNormalization: skipLayerNormalization,
  SkipSimplifiedLayerNormalization: skipLayerNormalization,
  InstanceNormalization: likeFirst,
  GroupNormalization: likeFirst,
  LRN: likeFirst,
};
