import { describe, expect, it } from 'vitest';
import { quietContext } from '../../../../src/core/progress';
import { AskedForms, fixedForms, timeForms } from '../../../../src/core/training/forms';
import { abs, add, mul, sqrt } from '../../../../src/core/training/graph/arithmetic';
import type { GraphBuilder } from '../../../../src/core/training/graph/builder';
import type { FormQuestion } from '../../../../src/core/training/graph/forms';
import type { Term } from '../../../../src/core/training/graph/term';

/** The size of a number, in ways of which one does a hundred times the work, one is wrong and one does not run. */
const WAYS = ['slow', 'quick', 'wrong', 'unknown'] as const;
type Way = (typeof WAYS)[number];

const write: Record<Way, (build: GraphBuilder, x: Term) => Term> = {
  slow: (build, x) => {
    let size = abs(build, x);
    for (let time = 0; time < 100; time++) size = sqrt(build, mul(build, size, size));
    return size;
  },
  quick: abs,
  wrong: (build, x) => add(build, abs(build, x), 1),
  unknown: (build, x) => build.one('NoSuchOperator', [x], { dtype: 'float32', shape: x.shape }),
};

const question = (length: number): FormQuestion<Way> => ({
  ...{ computation: 'size of a number', setting: String(length), inputs: [[length]] },
  write: (build, form, [x]) => {
    if (!x) throw new Error('one tensor');
    return write[form](build, x);
  },
});

const timing = { threads: 1, context: quietContext() };

describe('choosing among forms of a computation', () => {
  it('takes the first while it only notes what is asked, each question once', () => {
    const asked = new AskedForms();
    expect([question(4), question(8), question(4)].map((each) => asked.choose(each, WAYS))).toEqual(
      new Array(3).fill('slow'),
    );
    expect(asked.questions.map(({ question: { setting } }) => setting)).toEqual(['4', '8']);
  });

  it('takes the fastest that runs and gives the same numbers', async () => {
    const asked = new AskedForms();
    asked.choose(question(65536), WAYS);
    const [choice] = await timeForms(asked.questions, timing);
    expect(choice).toEqual({ computation: 'size of a number', setting: '65536', form: 'quick' });
  });

  it('says the same again from a record that was written as JSON', async () => {
    const asked = new AskedForms();
    asked.choose(question(65536), WAYS);
    const record = JSON.parse(JSON.stringify(await timeForms(asked.questions, timing)));
    expect(fixedForms(record).choose(question(65536), WAYS)).toBe('quick');
  });

  it('takes the first for what a record does not speak of, and for forms that are gone', () => {
    const forms = fixedForms([{ computation: 'size of a number', setting: '4', form: 'gone' }]);
    expect(forms.choose(question(4), WAYS)).toBe('slow');
    expect(forms.choose(question(8), WAYS)).toBe('slow');
  });

  it('does not time again what is known', async () => {
    const asked = new AskedForms();
    asked.choose(question(65536), WAYS);
    const known = [{ computation: 'size of a number', setting: '65536', form: 'slow' }];
    expect(await timeForms(asked.questions, { ...timing, known })).toEqual(known);
  });

  it('ends when it is cancelled', async () => {
    const asked = new AskedForms();
    asked.choose(question(65536), WAYS);
    const context = { ...quietContext(), signal: AbortSignal.abort() };
    await expect(timeForms(asked.questions, { threads: 1, context })).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
