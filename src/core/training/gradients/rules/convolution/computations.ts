import { EdgewiseError } from '../../../../errors';
import type { GraphBuilder } from '../../../graph/builder';
import type { Term } from '../../../graph/term';
import { forward, type ForwardForm, forwardForms } from './forward';
import { inputGradient, type InputGradientForm, inputGradientForms } from './input-gradient';
import type { Layer } from './layer';
import { weightGradient, type WeightGradientForm, weightGradientForms } from './weight-gradient';

/** The parts of a convolution that can be written in several forms. */
interface FormsOfParts {
  readonly forward: ForwardForm;
  readonly 'input gradient': InputGradientForm;
  readonly 'weight gradient': WeightGradientForm;
}
export type Part = keyof FormsOfParts;

interface PartOfLayer<Form extends string> {
  readonly forms: (layer: Layer) => readonly [Form, ...Form[]];
  /** Shapes of the two terms that it is computed from. */
  readonly inputs: (layer: Layer) => readonly [readonly number[], readonly number[]];
  readonly write: (build: GraphBuilder, layer: Layer, form: Form, first: Term, second: Term) => Term;
}

const large = ({ batch, channels, window }: Layer): readonly number[] => [batch, channels, ...window.large];
const small = ({ batch, outputs, window }: Layer): readonly number[] => [batch, outputs, ...window.small];
const weight = ({ channels, group, outputs, window }: Layer): readonly number[] => [
  outputs,
  channels / group,
  ...window.kernel,
];

export const PARTS: { readonly [Name in Part]: PartOfLayer<FormsOfParts[Name]> } = {
  forward: {
    forms: forwardForms,
    inputs: (layer) => [large(layer), weight(layer)],
    write: (build, layer, form, x, w) => forward(build, layer, form, [x, w]),
  },
  'input gradient': {
    forms: inputGradientForms,
    inputs: (layer) => [small(layer), weight(layer)],
    write: inputGradient,
  },
  'weight gradient': {
    forms: weightGradientForms,
    inputs: (layer) => [large(layer), small(layer)],
    write: weightGradient,
  },
};

/** Asks the builder which form a part of this layer is to have. */
export function chooseForm<Name extends Part>(build: GraphBuilder, part: Name, layer: Layer): FormsOfParts[Name] {
  const { forms, inputs, write } = PARTS[part];
  return build.forms.choose(
    {
      computation: `convolution ${part}`,
      setting: JSON.stringify(layer),
      inputs: inputs(layer),
      write: (writing, form, [first, second]) => {
        if (!first || !second) throw new EdgewiseError('internal', `A convolution's ${part} is of two tensors.`);
        return write(writing, layer, form, first, second);
      },
    },
    forms(layer),
  );
}
