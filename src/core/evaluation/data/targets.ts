import type { Dimension } from '../../model/model';
import { EdgewiseError } from '../../errors';
import type { InputSection } from '../../recipe/recipe.schema';
import { isTensorDType } from '../../runtime/tensor';
import type { InputTarget } from './raw-set';

/** An input as a summary or a session tells it, the batch first. */
export interface ModelInput {
  readonly name: string;
  readonly dtype: string | null;
  readonly shape: readonly Dimension[] | null;
}

/** What is known of a model beside its inputs. */
export interface ModelFacts {
  /** What sentences call it. Default: "the model". */
  readonly model?: string | undefined;
  /** What its metadata say of its pictures. */
  readonly stated?: InputSection | undefined;
}

/**
 * The model's inputs as data sets see them, with what the recipe declares for one of them.
 * @throws EdgewiseError `bad-recipe` when the section names no input, `unsupported` for inputs without samples
 */
export function inputTargets(
  inputs: readonly ModelInput[],
  section: InputSection | undefined,
  { model = 'the model', stated }: ModelFacts = {},
): InputTarget[] {
  if (inputs.length === 0) {
    throw new EdgewiseError(
      'unsupported',
      `There are no inputs in ${model} that data could feed. Leave out the data, or check that it is the model you meant.`,
    );
  }
  const names = inputs.map(({ name }) => name).join(', ');
  // One tokenizer makes all inputs of a model of texts.
  if (section?.tokenizer !== undefined && section.name === undefined)
    return inputs.map((input) => inputTarget(input, section, model));
  const declared = section === undefined ? null : (section.name ?? (inputs.length === 1 ? inputs[0]?.name : undefined));
  if (declared === undefined) {
    throw new EdgewiseError('bad-recipe', `The inputs of ${model} are ${names}. Say which one with data.input.name.`);
  }
  if (declared !== null && !inputs.some(({ name }) => name === declared)) {
    throw new EdgewiseError(
      'bad-recipe',
      `The recipe's data.input.name is ${declared}; the inputs of ${model} are ${names}.`,
    );
  }
  const targets = inputs.map((input) => inputTarget(input, input.name === declared ? (section ?? null) : null, model));
  // Metadata speak of the picture that a model takes: of several inputs it is not known which.
  return stated === undefined || targets.length > 1 ? targets : targets.map((target) => ({ ...target, stated }));
}

function inputTarget({ name, dtype, shape }: ModelInput, section: InputSection | null, model: string): InputTarget {
  if (dtype === null || !isTensorDType(dtype)) {
    const holds = dtype === null ? 'is of no stated type' : `takes values of type ${dtype}`;
    throw unfed(`The input ${name} of ${model} ${holds}, which data sets cannot give.`);
  }
  if (shape?.length === 0) throw unfed(`The input ${name} of ${model} is one value, not a batch of samples.`);
  const sample = shape === null ? null : shape.slice(1).map((size) => (typeof size === 'number' ? size : null));
  return { name, dtype, shape: sample, section };
}

function unfed(what: string): EdgewiseError {
  return new EdgewiseError('unsupported', `${what} Compress its weights without data: --to int8-weights or float16.`);
}
