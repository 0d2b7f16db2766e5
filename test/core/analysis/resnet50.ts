import type { Node, Weight } from '../../../src/core/model/model';
import type { Model } from '../../../src/core/model/model';
import { model, node, value, weight } from './graphs';

/** Blocks and width of each stage; He et al. 2015, with the stride in the 3x3 convolution as torchvision has it. */
const STAGES = [
  { blocks: 3, width: 64, stride: 1 },
  { blocks: 4, width: 128, stride: 2 },
  { blocks: 6, width: 256, stride: 2 },
  { blocks: 3, width: 512, stride: 2 },
];
const EXPANSION = 4;

/** ResNet-50 with batch normalization, as PyTorch's older exporter names it; no numbers behind its weights. */
export function resnet50(): Model {
  const nodes: Node[] = [];
  const weights: Weight[] = [];

  const normalized = (
    module: string,
    input: string,
    from: number,
    to: number,
    kernel: number,
    stride: number,
  ): string => {
    const path = (name: string): string => `/${name.split('.').join('/')}`;
    const norm = module.replace(/conv(\d)$/, 'bn$1').replace(/downsample\.0$/, 'downsample.1');
    const pad = (kernel - 1) / 2;
    weights.push(weight(`${module}.weight`, [to, from, kernel, kernel]));
    nodes.push(
      node('Conv', [input, `${module}.weight`], [`${module}:out`], {
        name: `${path(module)}/Conv`,
        attributes: { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
      }),
    );
    const parameters = ['weight', 'bias', 'running_mean', 'running_var'].map((name) => `${norm}.${name}`);
    weights.push(...parameters.map((name) => weight(name, [to])));
    nodes.push(
      node('BatchNormalization', [`${module}:out`, ...parameters], [`${norm}:out`], {
        name: `${path(norm)}/BatchNormalization`,
      }),
    );
    return `${norm}:out`;
  };
  const relu = (input: string): string => {
    nodes.push(node('Relu', [input], [`${input}:relu`]));
    return `${input}:relu`;
  };

  let at = relu(normalized('conv1', 'input', 3, 64, 7, 2));
  nodes.push(
    node('MaxPool', [at], ['pooled'], { attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } }),
  );
  at = 'pooled';
  let channels = 64;
  STAGES.forEach(({ blocks, width, stride: first }, stage) => {
    for (let block = 0; block < blocks; block += 1) {
      const module = `layer${stage + 1}.${block}`;
      const stride = block === 0 ? first : 1;
      const reduced = relu(normalized(`${module}.conv1`, at, channels, width, 1, 1));
      const filtered = relu(normalized(`${module}.conv2`, reduced, width, width, 3, stride));
      const expanded = normalized(`${module}.conv3`, filtered, width, width * EXPANSION, 1, 1);
      const shortcut =
        block === 0 ? normalized(`${module}.downsample.0`, at, channels, width * EXPANSION, 1, stride) : at;
      nodes.push(node('Add', [expanded, shortcut], [`${module}:sum`]));
      at = relu(`${module}:sum`);
      channels = width * EXPANSION;
    }
  });
  weights.push(weight('fc.weight', [1000, channels]), weight('fc.bias', [1000]));
  nodes.push(
    node('GlobalAveragePool', [at], ['average']),
    node('Flatten', ['average'], ['features']),
    node('Gemm', ['features', 'fc.weight', 'fc.bias'], ['output'], { name: '/fc/Gemm', attributes: { transB: 1 } }),
  );
  return model({
    nodes,
    weights,
    inputs: [value('input', ['batch', 3, 224, 224])],
    outputs: [value('output', ['batch', 1000])],
  });
}
