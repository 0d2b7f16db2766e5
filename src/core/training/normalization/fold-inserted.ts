import { foldBatchNormalization } from '../../compression/folding/batch-normalization';
import { readFloats } from '../../compression/graph/float-weights';
import { openWeights } from '../../formats/weight-reader';
import { withTrainedWeights, type VariableValues } from '../evaluation-model';
import type { InsertedNormalization } from './insert-normalization';

/**
 * What the original's initializers have become once the inserted normalizations are folded in, by name: of all that was
 * learned, what the original has a place for.
 */
export async function foldedValues(
  { model, sites }: InsertedNormalization,
  values: VariableValues,
): Promise<VariableValues> {
  const trained = withTrainedWeights(model, values);
  const reader = await openWeights(trained);
  const result = new Map(values);
  try {
    const folded = await foldBatchNormalization(trained, reader);
    const after = await openWeights(folded);
    try {
      for (const name of sites.flatMap(({ weight, bias }) => [weight.name, bias.name])) {
        const weight = folded.graph.weights.get(name);
        if (weight) result.set(name, await readFloats(after, weight));
      }
    } finally {
      await after.close();
    }
  } finally {
    await reader.close();
  }
  return result;
}
