import { intAttribute, stringAttribute } from '../../../compression/graph/attributes';
import { reshape, transpose } from '../../graph/shaping';
import { rule, type RuleFamily } from '../family';

/** Blocks of positions moved to channels and back: each undoes the other. */
export const DEPTH_SPACE: RuleFamily = {
  DepthToSpace: rule(({ build, node, inputs: [x], gradients: [dy] }) => {
    if (!x || !dy) return [];
    const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
    const block = intAttribute(node, 'blocksize', 1);
    const blocks = reshape(build, dy, [batch, channels / block ** 2, height, block, width, block]);
    const isByColumns = stringAttribute(node, 'mode', 'DCR') === 'CRD';
    return [reshape(build, transpose(build, blocks, isByColumns ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]), x.shape)];
  }),
  SpaceToDepth: rule(({ build, node, inputs: [x], gradients: [dy] }) => {
    if (!x || !dy) return [];
    const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
    const block = intAttribute(node, 'blocksize', 1);
    const blocks = reshape(build, dy, [batch, block, block, channels, height / block, width / block]);
    return [reshape(build, transpose(build, blocks, [0, 3, 4, 1, 5, 2]), x.shape)];
  }),
};
