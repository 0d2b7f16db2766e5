import { describe, expect, test } from 'vitest';
import { summarize } from '../../../src/core/analysis/summary';
import type { LayerSummary, ModelSummary } from '../../../src/core/analysis/summary.schema';
import { modelSummarySchema } from '../../../src/core/analysis/summary.schema';
import { readModel } from '../../../src/core/formats';
import { hasShared, sharedPath } from '../../shared';

const summaryOf = async (...parts: string[]): Promise<ModelSummary> => summarize(await readModel(sharedPath(...parts)));
const zoo = (file: string): Promise<ModelSummary> => summaryOf('zoo', file.split('.')[0] ?? '', file);

const LINEAR = new Set(['Conv', 'Gemm', 'MatMul']);
/** Layers that multiply by a weight. */
const linear = (summary: ModelSummary): LayerSummary[] =>
  summary.layers.filter((layer) => LINEAR.has(layer.operator) && layer.weights.length > 0);
const figures = (layers: LayerSummary[]) =>
  layers.map(({ name, operator, parameters, macs }) => ({ name, operator, parameters, macs }));

/**
 * The zoo's README counts the networks before their batch norms were folded. Folding leaves the bias of a convolution
 * where scale and shift were: one number less a channel.
 */
const NETWORKS = [
  { network: 'lenet5', parameters: 61_706, folded: 61_706, macs: 416_520 },
  { network: 'mobilenet_small', parameters: 35_450, folded: 34_282, macs: 3_190_592 },
  { network: 'resnet14', parameters: 174_970, folded: 174_410, macs: 20_183_936 },
  { network: 'vgg_small', parameters: 436_906, folded: 436_586, macs: 22_199_296 },
  { network: 'vit_tiny', parameters: 138_890, folded: 138_890, macs: 7_702_656 },
];

describe.skipIf(!hasShared('Summaries of the reference networks', 'zoo'))('reference networks', () => {
  describe.each(NETWORKS)('$network', ({ network, folded, macs }) => {
    test.each(['onnx', 'dynamo.onnx', 'int8-qdq.onnx'])('.%s: parameters and multiply-accumulates', async (ending) => {
      const summary = await zoo(`${network}.${ending}`);
      expect(modelSummarySchema.parse(summary)).toEqual(summary);
      expect({ parameters: summary.parameters, buffers: summary.buffers, macs: summary.macs }).toEqual({
        parameters: folded,
        buffers: 0,
        macs,
      });
      expect(summary.symbols).toEqual(['batch']);
      expect(summary.outputs).toEqual([{ name: 'logits', dtype: 'float32', shape: ['batch', 10] }]);
    });

    test('both exporters and the int8 file have the same layers of weights by the same names', async () => {
      const [old, dynamo, int8] = await Promise.all(
        ['onnx', 'dynamo.onnx', 'int8-qdq.onnx'].map((ending) => zoo(`${network}.${ending}`)),
      );
      if (old === undefined || dynamo === undefined || int8 === undefined) throw new Error('A file is missing.');
      expect(figures(linear(dynamo)).sort(byName)).toEqual(figures(linear(old)).sort(byName));
      expect(figures(linear(int8)).sort(byName)).toEqual(figures(linear(old)).sort(byName));
      expect(linear(int8).map((layer) => layer.weights[0]?.encodingLabel)).toEqual(
        linear(int8).map(() => 'int8 per channel'),
      );
    });

    test('helpers of quantization are no layers', async () => {
      const { layers } = await zoo(`${network}.int8-qdq.onnx`);
      expect(layers.filter((layer) => /Linear$|^Constant$/.test(layer.operator))).toEqual([]);
    });
  });

  test.each(['mobilenet_small', 'vgg_small'])('%s with batch norm: statistics are buffers', async (network) => {
    const summary = await zoo(`${network}.bn.onnx`);
    const expected = NETWORKS.find((entry) => entry.network === network);
    expect(summary.parameters).toBe(expected?.parameters);
    expect(summary.buffers).toBe(2 * ((expected?.parameters ?? 0) - (expected?.folded ?? 0)));
    expect(summary.macs).toBe(expected?.macs);
  });

  test('resnet14 with batch norm: the exporter stored two equal biases once, and once they count', async () => {
    const summary = await zoo('resnet14.bn.onnx');
    const shared = summary.layers.flatMap((layer) => layer.weights.filter((weight) => weight.shared));
    expect(shared.map(({ name, shape }) => [name, shape])).toEqual([
      ['layer2.0.bn2.bias', [32]],
      ['layer3.0.bn2.bias', [64]],
    ]);
    expect(summary.parameters).toBe(174_970 - 32 - 64);
    expect(summary.buffers).toBe(2 * 560);
  });

  test('resnet14: its convolutions and its matrix, by hand', async () => {
    const block = (module: string, channels: number, from: number, side: number) => {
      const pixels = side * side;
      const first = {
        name: `${module}.conv1`,
        macs: pixels * channels * from * 9,
        parameters: channels * (from * 9 + 1),
      };
      const second = {
        name: `${module}.conv2`,
        macs: pixels * channels * channels * 9,
        parameters: channels * (channels * 9 + 1),
      };
      const shortcut = {
        name: `${module}.downsample.0`,
        macs: pixels * channels * from,
        parameters: channels * (from + 1),
      };
      return from === channels ? [first, second] : [first, second, shortcut];
    };
    const expected = [
      { name: 'conv1', macs: 28 * 28 * 16 * 9, parameters: 16 * 10 },
      ...block('layer1.0', 16, 16, 28),
      ...block('layer1.1', 16, 16, 28),
      ...block('layer2.0', 32, 16, 14),
      ...block('layer2.1', 32, 32, 14),
      ...block('layer3.0', 64, 32, 7),
      ...block('layer3.1', 64, 64, 7),
      { name: 'fc', macs: 64 * 10, parameters: 64 * 10 + 10 },
    ];
    const layers = linear(await zoo('resnet14.onnx'));
    expect(layers.map(({ name, macs, parameters }) => ({ name, macs, parameters }))).toEqual(expected);
  });

  test('resnet14: every layer by name, activations after their module', async () => {
    const names = (await zoo('resnet14.onnx')).layers.map((layer) => layer.name);
    expect(names.slice(0, 8)).toEqual([
      'conv1',
      'relu',
      'layer1.0.conv1',
      'layer1.0.relu',
      'layer1.0.conv2',
      'layer1.0.add',
      'layer1.0.relu_1',
      'layer1.1.conv1',
    ]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('vit_tiny: a Linear exported as MatMul and Add is one layer with its bias', async () => {
    const summary = await zoo('vit_tiny.onnx');
    const layer = summary.layers.find(({ name }) => name === 'layers.0.qkv');
    expect(layer).toMatchObject({ operator: 'MatMul', detail: '64 -> 192', outputShape: ['batch', 49, 192] });
    expect(layer?.parameters).toBe(64 * 192 + 192);
    expect(layer?.weights.map(({ role, outputAxis }) => [role, outputAxis])).toEqual([
      ['weight', 1],
      ['bias', null],
    ]);
  });

  test('external data: bytes are those of both files', async () => {
    const summary = await zoo('lenet5.external.onnx');
    expect(summary.files.map((file) => file.name)).toEqual(['lenet5.external.onnx', 'lenet5.external.data']);
    expect(summary.bytes).toBe(summary.files.reduce((total, file) => total + file.bytes, 0));
    expect(summary.parameters).toBe(61_706);
  });

  test('a weight of the int8 file: stored bytes hold scale and zero point, parameters do not', async () => {
    const { layers } = await zoo('lenet5.int8-qdq.onnx');
    const layer = layers.find(({ name }) => name === 'conv2');
    expect(layer?.weights[0]).toMatchObject({
      name: 'conv2.weight_quantized',
      dtype: 'float32',
      shape: [16, 6, 5, 5],
      parameters: 2400,
      bytes: 2400 + 16 * 4 + 16,
      encoding: { kind: 'affine', bits: 8, signed: true, axis: 0, block: null },
      outputAxis: 0,
    });
    expect(layer?.weights[1]).toMatchObject({
      role: 'bias',
      dtype: 'float32',
      parameters: 16,
      encodingLabel: 'int32 per channel',
    });
  });
});

describe.skipIf(!hasShared('Summaries of real models', 'models'))('real models', () => {
  test('silero VAD: weights in constants and in branches; the LSTM of both branches shares them', async () => {
    const model = await readModel(sharedPath('models', 'silero-vad', 'silero_vad_16k_op15.onnx'));
    const summary = summarize(model, { dims: { batch: 1, sequence: 576 } });
    const recurrent = summary.layers.filter((layer) => layer.operator === 'LSTM');
    expect(recurrent.map(({ name, parameters }) => [name, parameters])).toEqual([
      ['model.decoder.rnn', 4 * 128 * (128 + 128 + 2)],
      ['model.decoder.rnn_1', 0],
    ]);
    expect(recurrent.map((layer) => layer.macs)).toEqual([131_072, 131_072]);
    expect(summary.layers.find(({ name }) => name === 'model.encoder.0.reparam_conv')?.outputShape).toEqual([
      1, 128, 4,
    ]);
    expect(summary.macs).not.toBeNull();
    expect(summarize(model).macs).toBeNull();
  });

  test('super-resolution: opset 2, weights listed as inputs too, bias added by a node', async () => {
    const summary = await summaryOf('models', 'super-resolution', 'super_resolution.onnx');
    expect(summary.inputs.map((input) => input.name)).toEqual(['1']);
    expect(summary.outputs[0]?.shape).toEqual([1, 1, 672, 672]);
    expect(summary.layers.map(({ name, parameters }) => [name, parameters]).slice(0, 3)).toEqual([
      ['conv_0', 64 * 25 + 64],
      ['relu_0', 0],
      ['conv_1', 64 * 64 * 9 + 64],
    ]);
  });

  test('magika: names come from TensorFlow scopes', async () => {
    const summary = await summaryOf('models', 'magika', 'model.onnx');
    const convolution = summary.layers.find((layer) => layer.operator === 'Conv');
    expect(convolution?.name).toMatch(/MagikaV2\.Conv_0$/);
  });
});

function byName(left: { name: string }, right: { name: string }): number {
  return left.name < right.name ? -1 : 1;
}
