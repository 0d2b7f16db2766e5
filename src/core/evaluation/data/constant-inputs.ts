import { EdgewiseError } from '../../errors';
import { elementsOf, type Dimension } from '../../model/model';
import { isTensorDType, type Tensor, type TensorDType } from '../../runtime/tensor';
import { convert, UnfitValue } from './conversion';
import type { DataSet } from './data-set';
import type { Roles } from './roles';
import type { ModelInput } from './targets';

/** An input that is the same for every sample: a state before the first step, a rate, a threshold. */
interface ConstantInput {
  readonly name: string;
  /** Of a run of `samples` samples. */
  tensor(samples: number): Tensor;
}

export interface DividedInputs {
  /** What data have to feed. */
  readonly sampled: readonly ModelInput[];
  readonly constants: readonly ConstantInput[];
}

/**
 * Takes the inputs that a recipe gives one number for out of those that data feed. Their shape is the model's; a free
 * dimension is the number of samples in a run if it is the first, or goes by the name of a fed input's first one, as in
 * `[2, batch, 128]`.
 * @throws EdgewiseError `bad-recipe` for names that are no inputs, and for inputs whose shape stays open
 */
export function divideInputs(
  inputs: readonly ModelInput[],
  values: Readonly<Record<string, number>>,
  model = 'the model',
): DividedInputs {
  for (const name of Object.keys(values)) {
    if (inputs.some((input) => input.name === name)) continue;
    const names = inputs.map((input) => input.name).join(', ');
    throw new EdgewiseError(
      'bad-recipe',
      `The recipe's data.constants name ${name}; the inputs of ${model} are ${names}.`,
    );
  }
  const sampled = inputs.filter(({ name }) => values[name] === undefined);
  const batches = new Set(sampled.flatMap(({ shape }) => (typeof shape?.[0] === 'string' ? [shape[0]] : [])));
  const constants = inputs.flatMap((input) => {
    const value = values[input.name];
    return value === undefined ? [] : [constantInput(input, value, batches, model)];
  });
  return { sampled, constants };
}

function constantInput(
  { name, dtype, shape }: ModelInput,
  value: number,
  batches: ReadonlySet<Dimension>,
  model: string,
): ConstantInput {
  const isBatch = (size: Dimension, axis: number): boolean => axis === 0 || batches.has(size);
  const open = shape?.some((size, axis) => typeof size !== 'number' && !isBatch(size, axis)) ?? true;
  if (open || shape === null || dtype === null || !isTensorDType(dtype))
    throw new EdgewiseError(
      'bad-recipe',
      `The input ${name} of ${model} has no known shape and type to fill with ${value}. Save it in the data, as a .npz with an array for each input.`,
    );
  checkFits(dtype, value, name, model);
  return {
    name,
    tensor: (samples) =>
      filled(
        dtype,
        shape.map((size) => (typeof size === 'number' ? size : samples)),
        value,
      ),
  };
}

function filled(dtype: TensorDType, shape: readonly number[], value: number): Tensor {
  const numbers = new Float64Array(elementsOf(shape)).fill(value);
  return { dtype, shape, data: convert('float64', numbers, dtype, 1, null, null) };
}

function checkFits(dtype: TensorDType, value: number, name: string, model: string): void {
  try {
    filled(dtype, [1], value);
  } catch (cause) {
    if (!(cause instanceof UnfitValue)) throw cause;
    throw new EdgewiseError('bad-recipe', `The input ${name} of ${model} takes ${dtype}, which cannot be ${value}.`);
  }
}

/** Every set of the roles with the constants in its batches. They are no inputs of samples: `inputs` does not list them. */
export function withConstants(roles: Roles, constants: readonly ConstantInput[]): Roles {
  if (constants.length === 0) return roles;
  const fed = (set: DataSet | null): DataSet | null => (set === null ? null : fedSet(set, constants));
  return {
    splits: roles.splits,
    notes: roles.notes,
    used: roles.used,
    calibration: fed(roles.calibration),
    selection: fed(roles.selection),
    test: fed(roles.test),
    close: () => roles.close(),
  };
}

function fedSet(set: DataSet, constants: readonly ConstantInput[]): DataSet {
  return {
    source: set.source,
    length: set.length,
    inputs: set.inputs,
    labels: set.labels,
    classNames: set.classNames,
    ...(set.targets === undefined ? {} : { targets: set.targets }),
    ...(set.boxes === undefined ? {} : { boxes: set.boxes }),
    ...(set.alphabet === undefined ? {} : { alphabet: set.alphabet }),
    ...(set.texts === undefined ? {} : { texts: set.texts }),
    batch: async (indices) => {
      const { inputs } = await set.batch(indices);
      const tensors = constants.map(({ name, tensor }) => [name, tensor(indices.length)] as const);
      return { inputs: { ...inputs, ...Object.fromEntries(tensors) } };
    },
    picture: (index) => set.picture(index),
  };
}
