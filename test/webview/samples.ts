/** Models and statistics as the host would send them: built here, with realistic values, of any size. */
import type { LayerStatistics } from '../../src/core/analysis/statistics.schema';
import type { LayerSummary, ModelSummary, WeightSummary } from '../../src/core/analysis/summary.schema';

/** Numbers that look random and are the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const weight = (name: string, role: WeightSummary['role'], shape: number[]): WeightSummary => {
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  return {
    name,
    role,
    dtype: 'float32',
    shape,
    bytes: count * 4,
    parameters: role === 'statistics' ? 0 : count,
    encoding: { kind: 'dense', dtype: 'float32' },
    encodingLabel: 'float32',
    outputAxis: role === 'weight' ? 0 : null,
    shared: false,
  };
};

export interface LayerOptions {
  operator: string;
  detail?: string;
  outputShape?: LayerSummary['outputShape'];
  weights?: WeightSummary[];
  macs?: number | null;
}

export function layer(name: string, options: LayerOptions): LayerSummary {
  const weights = options.weights ?? [];
  const sum = (figure: (one: WeightSummary) => number): number =>
    weights.reduce((total, one) => total + figure(one), 0);
  return {
    name,
    path: name.split('.'),
    operator: options.operator,
    detail: options.detail ?? '',
    outputShape: options.outputShape ?? null,
    outputDtype: 'float32',
    parameters: sum((one) => one.parameters),
    buffers: sum((one) => (one.role === 'statistics' ? one.bytes / 4 : 0)),
    bytes: sum((one) => one.bytes),
    macs: options.macs === undefined ? 0 : options.macs,
    weights,
  };
}

export function convolution(name: string, from: number, to: number, kernel: number, size: number): LayerSummary {
  return layer(name, {
    operator: 'Conv',
    detail: `${kernel}x${kernel}`,
    outputShape: ['batch', to, size, size],
    weights: [weight(`${name}.weight`, 'weight', [to, from, kernel, kernel])],
    macs: from * to * kernel * kernel * size * size,
  });
}

export function batchNorm(name: string, channels: number, size: number): LayerSummary {
  return layer(name, {
    operator: 'BatchNormalization',
    outputShape: ['batch', channels, size, size],
    weights: [
      { ...weight(`${name}.weight`, 'other', [channels]), outputAxis: null },
      weight(`${name}.bias`, 'bias', [channels]),
      weight(`${name}.running_mean`, 'statistics', [channels]),
      weight(`${name}.running_var`, 'statistics', [channels]),
    ],
    macs: channels * size * size,
  });
}

export function dense(name: string, from: number, to: number): LayerSummary {
  return layer(name, {
    operator: 'Gemm',
    detail: `${from} -> ${to}`,
    outputShape: ['batch', to],
    weights: [weight(`${name}.weight`, 'weight', [to, from]), weight(`${name}.bias`, 'bias', [to])],
    macs: from * to,
  });
}

export function model(layers: LayerSummary[], facts: Partial<ModelSummary> = {}): ModelSummary {
  const bytes = layers.reduce((total, one) => total + one.bytes, 0) + 12_000;
  return {
    format: 'onnx',
    formatVersion: 'IR 8',
    producer: 'pytorch 2.13.0',
    opset: 17,
    opsets: { '': 17 },
    metadata: {},
    files: [{ name: 'resnet.onnx', bytes }],
    bytes,
    parameters: layers.reduce((total, one) => total + one.parameters, 0),
    buffers: layers.reduce((total, one) => total + one.buffers, 0),
    macs: layers.every((one) => one.macs !== null) ? layers.reduce((total, one) => total + (one.macs ?? 0), 0) : null,
    symbols: [],
    peakActivationBytes: 1_103_872,
    inputs: [{ name: 'image', dtype: 'float32', shape: ['batch', 3, 32, 32] }],
    outputs: [{ name: 'logits', dtype: 'float32', shape: ['batch', 10] }],
    layers,
    ...facts,
  };
}

/** A residual network of about 200 layers: four stages of blocks, as PyTorch names them. */
export function residualNetwork(blocks = 12): ModelSummary {
  const layers = [convolution('conv1', 3, 16, 3, 32), batchNorm('bn1', 16, 32)];
  let from = 16;
  for (const [stage, to] of [16, 32, 64, 128].entries()) {
    const size = 32 >> stage;
    for (let block = 0; block < blocks / 2; block++) {
      const name = `layer${stage + 1}.${block}`;
      layers.push(convolution(`${name}.conv1`, from, to, 3, size), batchNorm(`${name}.bn1`, to, size));
      layers.push(layer(`${name}.relu`, { operator: 'Relu', outputShape: ['batch', to, size, size] }));
      layers.push(convolution(`${name}.conv2`, to, to, 3, size), batchNorm(`${name}.bn2`, to, size));
      if (from !== to) {
        layers.push(convolution(`${name}.downsample.0`, from, to, 1, size));
        layers.push(batchNorm(`${name}.downsample.1`, to, size));
      }
      layers.push(layer(`${name}.add`, { operator: 'Add', outputShape: ['batch', to, size, size] }));
      layers.push(layer(`${name}.relu_1`, { operator: 'Relu', outputShape: ['batch', to, size, size] }));
      from = to;
    }
  }
  layers.push(layer('avgpool', { operator: 'GlobalAveragePool', outputShape: ['batch', from, 1, 1] }));
  layers.push(layer('flatten', { operator: 'Flatten', outputShape: ['batch', from] }));
  layers.push(dense('fc', from, 10));
  return model(layers);
}

/** A network of very many layers, in groups of 20 and of 400. */
export function hugeNetwork(count: number): ModelSummary {
  const layers: LayerSummary[] = [];
  for (let index = 0; index < count; index++) {
    const name = `stage${Math.floor(index / 400)}.${Math.floor(index / 20) % 20}.conv${index % 20}`;
    layers.push(convolution(name, 16, 16 + (index % 7), 3, 8));
  }
  return model(layers);
}

export const HOSTILE_NAME = '<img src=x onerror="document.title=\'hacked\'">';

/** Names that a file may carry: markup, right-to-left overrides, thousands of characters, nothing at all. */
export function hostileNetwork(): ModelSummary {
  const named = (name: string): LayerSummary => ({ ...convolution('x', 3, 8, 3, 8), name, path: [name] });
  return model([
    named(HOSTILE_NAME),
    named('</script><script>document.title="hacked"</script>'),
    named('\u202Egnp.exe'),
    named('very_long_'.repeat(400)),
    { ...named('${document.title="hacked"}'), path: [] },
    { ...convolution('y', 3, 8, 3, 8), name: 'deep', path: new Array<string>(3000).fill('a') },
  ]);
}

/** What the engine would stream: bell-shaped weights, with a suggestion for about half of the convolutions. */
export function statisticsOf(summary: ModelSummary, seed = 7): LayerStatistics[] {
  const random = randomNumbers(seed);
  return summary.layers.flatMap((one) => {
    const main = one.weights.find((candidate) => candidate.role === 'weight');
    return main ? [layerStatistics(one, main, random)] : [];
  });
}

function layerStatistics(one: LayerSummary, main: WeightSummary, random: () => number): LayerStatistics {
  const spread = 0.02 + random() * 0.1;
  const histogram = bell(main.parameters, 0.4 + random() * 0.4);
  const outputs = main.shape[0] ?? 1;
  const remove = random() < 0.5 ? Math.floor(outputs * (0.1 + random() * 0.5)) : 0;
  return {
    layer: one.name,
    weight: main.name,
    statistics: {
      count: main.parameters,
      min: -3 * spread,
      max: 3 * spread,
      mean: spread * (random() - 0.5) * 0.1,
      meanAbsolute: spread * 0.8,
      standardDeviation: spread,
      zeros: Math.floor(main.parameters * random() * 0.2),
      nan: 0,
      infinite: 0,
      histogram,
    },
    suggestion:
      remove > 0 && outputs > 8
        ? {
            ...{ fraction: remove / outputs, unit: 'filters', remove, of: outputs, basis: 'estimate' },
            reason: `${remove} of ${outputs} filters hold 2 % of the weights' energy.`,
          }
        : null,
  };
}

function bell(count: number, width: number): number[] {
  const heights = Array.from({ length: 64 }, (_, bin) => Math.exp(-(((bin - 31.5) / 32 / width) ** 2) * 2));
  const total = heights.reduce((sum, height) => sum + height, 0);
  return heights.map((height) => Math.round((count * height) / total));
}
