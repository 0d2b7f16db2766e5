import { EdgewiseError } from '../../errors';
import { toDoubles } from '../../evaluation/data/conversion';
import { breathe, throwIfCancelled } from '../../progress';
import type { Session } from '../../runtime/session';
import type { Samples } from './samples';

/** A model's scores on samples: row-major `[samples, classes]`. */
export interface Scores {
  readonly values: Float64Array;
  readonly samples: number;
  readonly classes: number;
}

/**
 * What a model gives for samples.
 * @param output the output with class scores
 * @throws EdgewiseError `runtime`, `bad-data`, `cancelled`: heeded between batches
 */
export async function scoresOf(
  session: Session,
  output: string,
  samples: Samples,
  signal: AbortSignal,
): Promise<Scores> {
  let values: Float64Array | null = null;
  let classes = 0;
  let done = 0;
  for (let index = 0; index < samples.batches; index++) {
    throwIfCancelled(signal);
    const { batch, samples: count } = await samples.at(index);
    const tensor = (await session.run(batch.inputs, [output]))[output];
    if (tensor === undefined || tensor.shape[0] !== samples.batch)
      throw new EdgewiseError('runtime', `The model's output ${output} does not give one answer for each sample.`);
    const scores = toDoubles(tensor.dtype, tensor.data);
    classes = scores.length / samples.batch;
    values ??= new Float64Array(samples.length * classes);
    values.set(scores.subarray(0, count * classes), done * classes);
    done += count;
    await breathe();
  }
  return { values: values ?? new Float64Array(), samples: samples.length, classes };
}
