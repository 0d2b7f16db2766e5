import { flag, perGroup, plus, size, times, volume, when, type Argument, type Rule, type Size } from './sizes';

const convolution =
  (rank: number): Rule =>
  (argument) => {
    const outputs = size(argument('out_channels', 1));
    const inputs = perGroup(size(argument('in_channels', 0)), size(argument('groups', 6, 1)));
    const kernel = volume(argument('kernel_size', 2), rank);
    return plus(times(outputs, inputs, kernel), when(argument('bias', 7, true), outputs));
  };

const transposedConvolution =
  (rank: number): Rule =>
  (argument) => {
    const outputs = size(argument('out_channels', 1));
    const inputs = size(argument('in_channels', 0));
    const kernel = volume(argument('kernel_size', 2), rank);
    const weights = times(inputs, perGroup(outputs, size(argument('groups', 6, 1))), kernel);
    return plus(weights, when(argument('bias', 7, true), outputs));
  };

/** Scale and shift; running statistics are buffers, not parameters. */
const normalization =
  (affine: boolean): Rule =>
  (argument) =>
    when(argument('affine', 3, affine), times(2, size(argument('num_features', 0))));

const linear: Rule = (argument) => {
  const outputs = size(argument('out_features', 1));
  return plus(times(size(argument('in_features', 0)), outputs), when(argument('bias', 2, true), outputs));
};

const bilinear: Rule = (argument) => {
  const [first, second] = [size(argument('in1_features', 0)), size(argument('in2_features', 1))];
  const outputs = size(argument('out_features', 2));
  return plus(times(first, second, outputs), when(argument('bias', 3, true), outputs));
};

const layerNorm: Rule = (argument) => {
  const elements = volume(argument('normalized_shape', 0), 1);
  const scaleAndShift = plus(elements, when(argument('bias', 3, true), elements));
  return when(argument('elementwise_affine', 2, true), scaleAndShift);
};

const embedding: Rule = (argument) => times(size(argument('num_embeddings', 0)), size(argument('embedding_dim', 1)));

/**
 * `gates` blocks of weights a layer and direction: 4 in an LSTM, 3 in a GRU, 1 in a plain one, which has one argument
 * more, its `nonlinearity`, before `bias`.
 */
const recurrent =
  (gates: number, more = 0): Rule =>
  (argument) => {
    const hidden = size(argument('hidden_size', 1));
    const projected = size(argument('proj_size', 7 + more, 0));
    const layers = size(argument('num_layers', 2, 1));
    const both = flag(argument('bidirectional', 6 + more, false));
    if (layers === null || layers < 1 || both === null || hidden === null || projected === null) return null;
    const answer = projected === 0 ? hidden : projected;
    const directions = both ? 2 : 1;
    const cell = (inputs: Size): Size => {
      const weights = times(gates * hidden, plus(inputs, answer));
      const biases = when(argument('bias', 3 + more, true), 2 * gates * hidden);
      return plus(weights, biases, projected * hidden);
    };
    const later = times(layers - 1, cell(directions * answer));
    return times(directions, plus(cell(size(argument('input_size', 0))), later));
  };

const recurrentCell =
  (gates: number): Rule =>
  (argument) => {
    const hidden = size(argument('hidden_size', 1));
    const block = times(gates, hidden);
    const weights = times(block, plus(size(argument('input_size', 0)), hidden));
    return plus(weights, when(argument('bias', 2, true), times(2, block)));
  };

/** Query, key, value and output projections. */
const attention: Rule = (argument) => {
  const width = size(argument('embed_dim', 0));
  const keys = otherwise(argument, 'kdim', 6, width);
  const values = otherwise(argument, 'vdim', 7, width);
  const projections = times(width, plus(width, keys, values, width));
  const biases = when(argument('bias', 3, true), times(4, width));
  return plus(projections, biases, when(argument('add_bias_kv', 4, false), times(2, width)));
};

function otherwise(argument: Argument, name: string, position: number, usual: Size): Size {
  const value = argument(name, position, null);
  return value === null ? usual : size(value);
}

/** Layers of `torch.nn` with weights. Sources: the classes' documentation (shapes of their parameters). */
export const TORCH_LAYERS: Readonly<Record<string, Rule>> = {
  Conv1d: convolution(1),
  Conv2d: convolution(2),
  Conv3d: convolution(3),
  ConvTranspose1d: transposedConvolution(1),
  ConvTranspose2d: transposedConvolution(2),
  ConvTranspose3d: transposedConvolution(3),
  Linear: linear,
  Bilinear: bilinear,
  BatchNorm1d: normalization(true),
  BatchNorm2d: normalization(true),
  BatchNorm3d: normalization(true),
  SyncBatchNorm: normalization(true),
  InstanceNorm1d: normalization(false),
  InstanceNorm2d: normalization(false),
  InstanceNorm3d: normalization(false),
  LayerNorm: layerNorm,
  RMSNorm: (argument) => when(argument('elementwise_affine', 2, true), volume(argument('normalized_shape', 0), 1)),
  GroupNorm: (argument) => when(argument('affine', 3, true), times(2, size(argument('num_channels', 1)))),
  Embedding: embedding,
  EmbeddingBag: embedding,
  LSTM: recurrent(4),
  GRU: recurrent(3),
  RNN: recurrent(1, 1),
  LSTMCell: recurrentCell(4),
  GRUCell: recurrentCell(3),
  RNNCell: recurrentCell(1),
  MultiheadAttention: attention,
  PReLU: (argument) => size(argument('num_parameters', 0, 1)),
};
