/** A computation that can be written in several ways of which none is fastest everywhere. */
export interface FormQuestion {
  /** What is computed: "Conv weight gradient". */
  readonly computation: string;
  /** Everything that its speed depends on: shapes, strides, groups. */
  readonly setting: string;
}

/** Chooses a form. The trainer times them once and writes its choices into checkpoint and report. */
export interface Forms {
  /** One of `forms`, which name ways that all give the same numbers up to rounding; the first works everywhere. */
  choose<Form extends string>(question: FormQuestion, forms: readonly [Form, ...Form[]]): Form;
}

/** What works everywhere. */
export const FIRST_FORMS: Forms = { choose: (_question, [first]) => first };
