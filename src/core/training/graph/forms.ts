import type { GraphBuilder } from './builder';
import type { Term } from './term';

/** A computation that can be written in several ways of which none is fastest everywhere. */
export interface FormQuestion<Form extends string = string> {
  /** What is computed: "convolution weight gradient". */
  readonly computation: string;
  /** Everything that its speed depends on: shapes, strides, groups. */
  readonly setting: string;
  /** Shapes of the float32 tensors that it is computed from. */
  readonly inputs: readonly (readonly number[])[];
  /** Writes it in one form, of terms of these shapes. */
  write(build: GraphBuilder, form: Form, terms: readonly Term[]): Term;
}

/** Chooses a form. The trainer times them once and writes its choices into checkpoint and report. */
export interface Forms {
  /** One of `forms`, which name ways that all give the same numbers up to rounding; the first works everywhere. */
  choose<Form extends string>(question: FormQuestion<Form>, forms: readonly [Form, ...Form[]]): Form;
}

/** What works everywhere. */
export const FIRST_FORMS: Forms = { choose: (_question, [first]) => first };
