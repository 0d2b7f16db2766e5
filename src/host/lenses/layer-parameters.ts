import type { PythonCall } from './python-script';
import type { PythonValue } from './python-values';

/** Parameters that a constructor makes: a number, or a formula in words where an input's size is not in the line. */
export type Parameters = number | string | null;

/** Reads an argument by name or position. */
type Argument = (name: string, position: number, usual?: PythonValue) => PythonValue | undefined;

type Rule = (argument: Argument) => Parameters;

const torchConvolution =
  (rank: number): Rule =>
  (argument) => {
    const [inputs, outputs, kernel] = [
      size(argument('in_channels', 0)),
      size(argument('out_channels', 1)),
      volume(argument('kernel_size', 2), rank),
    ];
    const groups = size(argument('groups', 6, 1));
    return product(outputs, inputs, kernel, inverse(groups), bias(argument('bias', 7, true), outputs));
  };

const torchTransposed =
  (rank: number): Rule =>
  (argument) => {
    const [inputs, outputs, kernel] = [
      size(argument('in_channels', 0)),
      size(argument('out_channels', 1)),
      volume(argument('kernel_size', 2), rank),
    ];
    const groups = size(argument('groups', 6, 1));
    return product(inputs, outputs, kernel, inverse(groups), bias(argument('bias', 7, true), outputs));
  };

const batchNorm: Rule = (argument) =>
  times(argument('affine', 3, true) === false ? 0 : 2, size(argument('num_features', 0)));

/** `gates` blocks of weights a direction and layer: 4 in an LSTM, 3 in a GRU, 1 in a plain one. */
const recurrent =
  (gates: number): Rule =>
  (argument) => {
    const [inputs, hidden, layers] = [
      size(argument('input_size', 0)),
      size(argument('hidden_size', 1)),
      size(argument('num_layers', 2, 1)),
    ];
    if (inputs === null || hidden === null || layers === null) return null;
    const directions = argument('bidirectional', 6, false) === true ? 2 : 1;
    const biases = argument('bias', 3, true) === false ? 0 : 2;
    const first = gates * hidden * (inputs + hidden + biases);
    const later = gates * hidden * (directions * hidden + hidden + biases);
    return directions * (first + (layers - 1) * later);
  };

/** Torch's layers, whose constructors name every size. Source of the shapes: the classes' documentation. */
const TORCH: Record<string, Rule> = {
  Conv1d: torchConvolution(1),
  Conv2d: torchConvolution(2),
  Conv3d: torchConvolution(3),
  ConvTranspose1d: torchTransposed(1),
  ConvTranspose2d: torchTransposed(2),
  ConvTranspose3d: torchTransposed(3),
  Linear: (argument) => {
    const [inputs, outputs] = [size(argument('in_features', 0)), size(argument('out_features', 1))];
    return product(inputs, outputs, 1, 1, bias(argument('bias', 2, true), outputs));
  },
  BatchNorm1d: batchNorm,
  BatchNorm2d: batchNorm,
  BatchNorm3d: batchNorm,
  LayerNorm: (argument) => times(2, volume(argument('normalized_shape', 0), 1)),
  GroupNorm: (argument) => times(2, size(argument('num_channels', 1))),
  Embedding: (argument) => product(size(argument('num_embeddings', 0)), size(argument('embedding_dim', 1)), 1, 1, 0),
  LSTM: recurrent(4),
  GRU: recurrent(3),
  RNN: recurrent(1),
  PReLU: (argument) => size(argument('num_parameters', 0, 1)),
};

const kerasConvolution =
  (rank: number): Rule =>
  (argument) => {
    const [filters, kernel] = [size(argument('filters', 0)), volume(argument('kernel_size', 1), rank)];
    if (filters === null || kernel === null) return null;
    return `${filters} × (${kernel} × input channels${plusOne(argument('use_bias', 8, true))}) parameters`;
  };

/** Keras' layers learn the size of their input when they are built: what is known is said. */
const KERAS: Record<string, Rule> = {
  Dense: (argument) => {
    const units = size(argument('units', 0));
    return units === null ? null : `${units} × (inputs${plusOne(argument('use_bias', 2, true))}) parameters`;
  },
  Conv1D: kerasConvolution(1),
  Conv2D: kerasConvolution(2),
  Conv3D: kerasConvolution(3),
  Embedding: (argument) => product(size(argument('input_dim', 0)), size(argument('output_dim', 1)), 1, 1, 0),
};

const MODULES: [prefix: RegExp, rules: Record<string, Rule>][] = [
  [/^torch\.nn\./, TORCH],
  [/^(tf\.|tensorflow\.)?(python\.)?keras\.layers\./, KERAS],
];

/** True for a constructor of a layer with weights. */
export function isLayer(call: PythonCall): boolean {
  return ruleOf(call) !== undefined;
}

export function parametersOf(call: PythonCall): Parameters {
  const argument: Argument = (name, position, usual) => {
    if (call.named.has(name)) return call.named.get(name);
    return position < call.positional.length ? call.positional[position] : usual;
  };
  return ruleOf(call)?.(argument) ?? null;
}

function ruleOf({ callee }: PythonCall): Rule | undefined {
  for (const [prefix, rules] of MODULES) {
    const name = callee.replace(prefix, '');
    if (name !== callee && Object.hasOwn(rules, name)) return rules[name];
  }
  return undefined;
}

type Size = number | null;

function size(value: PythonValue | undefined): Size {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Of a kernel: a number for every dimension, or one each. */
function volume(value: PythonValue | undefined, rank: number): Size {
  if (!Array.isArray(value)) {
    const side = size(value);
    return side === null ? null : side ** rank;
  }
  return value.map(size).reduce<Size>((product, side) => times(product, side), 1);
}

function times(a: Size, b: Size): Size {
  return a === null || b === null ? null : a * b;
}

function inverse(groups: Size): Size {
  return groups === null || groups === 0 ? null : 1 / groups;
}

function bias(value: PythonValue | undefined, outputs: Size): Size {
  if (value === undefined) return null;
  return value === false ? 0 : outputs;
}

function product(a: Size, b: Size, kernel: Size, perGroup: Size, added: Size): Size {
  const weights = times(times(a, b), times(kernel, perGroup));
  return weights === null || added === null ? null : Math.round(weights) + added;
}

function plusOne(useBias: PythonValue | undefined): string {
  return useBias === false ? '' : ' + 1';
}
