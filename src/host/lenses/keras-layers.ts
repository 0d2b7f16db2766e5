import type { PythonValue } from './python-values';
import { flag, perGroup, plus, size, times, volume, when, type Argument, type Rule, type Size } from './sizes';

/** Keras' layers learn the size of their input when they are built: what is known without it is said in words. */

const NAMED_ONLY = 99;

/** The input's last dimension, where a first layer names its input's shape. */
function inputs(argument: Argument): Size {
  const width = argument('input_dim', NAMED_ONLY);
  if (width !== undefined) return size(width);
  const shape: PythonValue | undefined = argument('input_shape', NAMED_ONLY);
  return Array.isArray(shape) ? size(shape.at(-1)) : null;
}

const dense: Rule = (argument) => {
  const units = size(argument('units', 0));
  const known = inputs(argument);
  if (units === null) return null;
  if (known !== null) return plus(times(units, known), when(argument('use_bias', 2, true), units));
  return inWords(`${units} × inputs`, argument('use_bias', 2, true), units);
};

const convolution =
  (rank: number): Rule =>
  (argument) => {
    const filters = size(argument('filters', 0));
    const kernel = volume(argument('kernel_size', 1), rank);
    const groups = size(argument('groups', NAMED_ONLY, 1));
    const known = inputs(argument);
    const bias = argument('use_bias', NAMED_ONLY, true);
    if (filters === null || kernel === null || groups === null) return null;
    if (known !== null) return plus(times(filters, perGroup(known, groups), kernel), when(bias, filters));
    const channels = groups === 1 ? 'input channels' : `input channels / ${groups}`;
    return inWords(`${filters} × ${kernel} × ${channels}`, bias, filters);
  };

/** `gates` blocks of weights, with `biases` vectors each. */
const recurrent =
  (gates: number, biases: number): Rule =>
  (argument) => {
    const units = size(argument('units', 0));
    const known = inputs(argument);
    if (units === null) return null;
    const fixed = gates * units * units;
    const bias = argument('use_bias', NAMED_ONLY, true);
    if (known !== null) return plus(times(gates * units, known), fixed, when(bias, gates * units * biases));
    const on = flag(bias);
    return on === null ? null : `${gates * units} × inputs + ${fixed + (on ? gates * units * biases : 0)}`;
  };

function inWords(weights: string, bias: PythonValue | undefined, added: number): string | null {
  const on = flag(bias);
  if (on === null) return null;
  return on ? `${weights} + ${added}` : weights;
}

/** Layers of `keras.layers` with weights. Sources: the classes' documentation. */
export const KERAS_LAYERS: Readonly<Record<string, Rule>> = {
  Dense: dense,
  Conv1D: convolution(1),
  Conv2D: convolution(2),
  Conv3D: convolution(3),
  Conv1DTranspose: convolution(1),
  Conv2DTranspose: convolution(2),
  Conv3DTranspose: convolution(3),
  Embedding: (argument) => times(size(argument('input_dim', 0)), size(argument('output_dim', 1))),
  LSTM: recurrent(4, 1),
  // Its `reset_after` form, the usual one, has a second bias.
  GRU: recurrent(3, 2),
  SimpleRNN: recurrent(1, 1),
  BatchNormalization: () => '2 × input channels',
  LayerNormalization: () => '2 × input channels',
};
