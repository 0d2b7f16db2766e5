import { EdgewiseError } from '../core/errors';
import type { JobContext } from '../core/progress';
import type { CompressOutcome, CompressRequest } from '../core/recipe/request';
import { compressModel, type TrainingWatch } from '../core/recipe/run';

/** As often as other jobs may be quicker. */
const MAX_ATTEMPTS = 3;

/**
 * Compresses beside the original, whatever else does so at the same time: where another job took the name meanwhile, the
 * work is done again under the next number. What was measured while two jobs shared the machine is worth little anyway.
 * @throws EdgewiseError what `compressModel` throws; `exists` where the request names the output
 */
export async function compressBeside(
  request: CompressRequest,
  context: JobContext,
  watch: TrainingWatch = {},
): Promise<CompressOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await compressModel(request, context, watch);
    } catch (error) {
      const isTaken = EdgewiseError.is(error, 'exists') && request.output === undefined;
      if (!isTaken || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
