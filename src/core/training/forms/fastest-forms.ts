import type { Forms } from '../graph/forms';
import { AskedForms, fixedForms, type FormRecord } from './record';
import { timeForms, type FormTiming } from './timed-forms';

export interface InForms<Written> {
  readonly written: Written;
  readonly forms: FormRecord;
}

/**
 * Writes a graph in the forms that are fastest on this machine: once to see which computations there are, and once more
 * where another form than the first is better. What is known stays, so that the same record gives the same graph.
 * @throws EdgewiseError `cancelled`; what `write` throws
 */
export async function inFastestForms<Written>(
  write: (forms: Forms) => Written,
  timing: FormTiming,
): Promise<InForms<Written>> {
  const asked = new AskedForms(timing.known);
  const written = write(asked);
  const forms = await timeForms(asked.questions, timing);
  return { written: asked.agreesWith(forms) ? written : write(fixedForms(forms)), forms };
}
