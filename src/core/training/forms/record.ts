import type { FormQuestion, Forms } from '../graph/forms';

/** A form that was chosen, as checkpoints and reports hold it. */
export interface FormChoice {
  readonly computation: string;
  readonly setting: string;
  readonly form: string;
}

/** All choices of a training graph: JSON, in the order in which they were asked for. */
export type FormRecord = readonly FormChoice[];

/** A question with the forms that it was asked about. */
export interface AskedQuestion {
  readonly question: FormQuestion;
  readonly forms: readonly [string, ...string[]];
}

/** What makes two questions the same. */
export const keyOf = ({ computation, setting }: Pick<FormQuestion, 'computation' | 'setting'>): string =>
  `${computation} ${setting}`;

/**
 * Chooses what a record says, so that a resumed training gives the same numbers. What it does not speak of, and forms
 * that there no longer are, get the first form.
 */
export function fixedForms(record: FormRecord): Forms {
  const chosen = new Map(record.map((choice) => [keyOf(choice), choice.form]));
  return {
    choose: (question, forms) => forms.find((form) => form === chosen.get(keyOf(question))) ?? forms[0],
  };
}

/** Chooses first forms and notes what was asked, each question once. */
export class AskedForms implements Forms {
  private readonly asked = new Map<string, AskedQuestion>();

  choose<Form extends string>(question: FormQuestion<Form>, forms: readonly [Form, ...Form[]]): Form {
    const [first] = forms;
    const write: FormQuestion['write'] = (build, form, terms) =>
      question.write(build, forms.find((each) => each === form) ?? first, terms);
    this.asked.set(keyOf(question), { question: { ...question, write }, forms });
    return first;
  }

  get questions(): readonly AskedQuestion[] {
    return [...this.asked.values()];
  }
}
