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

/** A record and what it does not speak of yet. */
export function withForms(record: FormRecord, more: FormRecord): FormRecord {
  const known = new Set(record.map(keyOf));
  return [...record, ...more.filter((choice) => !known.has(keyOf(choice)))];
}

/** Notes what is asked, each question once, and chooses what a record says of it; else the first form. */
export class AskedForms implements Forms {
  private readonly asked = new Map<string, AskedQuestion>();
  private readonly answered = new Map<string, string>();
  private readonly known: Forms;

  constructor(known: FormRecord = []) {
    this.known = fixedForms(known);
  }

  choose<Form extends string>(question: FormQuestion<Form>, forms: readonly [Form, ...Form[]]): Form {
    const [first] = forms;
    const form = this.known.choose(question, forms);
    const write: FormQuestion['write'] = (build, named, terms) =>
      question.write(build, forms.find((each) => each === named) ?? first, terms);
    this.asked.set(keyOf(question), { question: { ...question, write }, forms });
    this.answered.set(keyOf(question), form);
    return form;
  }

  get questions(): readonly AskedQuestion[] {
    return [...this.asked.values()];
  }

  /** Whether every question has been answered as the record says. */
  agreesWith(record: FormRecord): boolean {
    return record.every((choice) => this.answered.get(keyOf(choice)) === choice.form);
  }
}
