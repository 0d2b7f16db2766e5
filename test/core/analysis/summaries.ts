import type { LayerSummary, ModelSummary, WeightSummary } from '../../../src/core/analysis/summary.schema';

/** Summaries in few words, for what is told from summaries alone. */

export function weightSummary(change: Partial<WeightSummary> = {}): WeightSummary {
  const shape = change.shape ?? [16, 3, 3, 3];
  const parameters = shape.reduce((product, length) => product * length, 1);
  return {
    name: 'w',
    role: 'weight',
    dtype: 'float32',
    shape,
    bytes: parameters * 4,
    parameters,
    encoding: { kind: 'dense', dtype: 'float32' },
    encodingLabel: 'float32',
    outputAxis: 0,
    shared: false,
    ...change,
  };
}

export function layerSummary(name: string, change: Partial<LayerSummary> = {}): LayerSummary {
  const weights = change.weights ?? [];
  return {
    name,
    path: name.split('.'),
    operator: 'Conv',
    detail: '',
    outputShape: null,
    outputDtype: 'float32',
    parameters: weights.reduce((total, weight) => total + weight.parameters, 0),
    buffers: 0,
    bytes: weights.reduce((total, weight) => total + weight.bytes, 0),
    macs: weights.length > 0 ? 1000 : 0,
    weights,
    ...change,
  };
}

export function conv(name: string, filters: number, change: Partial<WeightSummary> = {}): LayerSummary {
  return layerSummary(name, {
    weights: [weightSummary({ name: `${name}.weight`, shape: [filters, 16, 3, 3], ...change })],
  });
}

export function modelSummary(layers: LayerSummary[], change: Partial<ModelSummary> = {}): ModelSummary {
  const bytes = layers.reduce((total, layer) => total + layer.bytes, 0) + 10_000;
  return {
    format: 'onnx',
    formatVersion: 'IR 10',
    producer: 'pytorch 2.13.0',
    opset: 17,
    opsets: { '': 17 },
    metadata: {},
    files: [{ name: 'model.onnx', bytes }],
    bytes,
    parameters: layers.reduce((total, layer) => total + layer.parameters, 0),
    buffers: 0,
    macs: 1000,
    symbols: [],
    peakActivationBytes: 1000,
    inputs: [{ name: 'image', dtype: 'float32', shape: ['batch', 1, 28, 28] }],
    outputs: [{ name: 'logits', dtype: 'float32', shape: ['batch', 10] }],
    layers,
    ...change,
  };
}
