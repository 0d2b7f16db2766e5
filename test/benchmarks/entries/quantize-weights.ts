import { formatOf, readModel } from '../../../src/core/formats';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { quietContext } from '../../../src/core/progress';
import { quantizeSchema } from '../../../src/core/recipe/recipe.schema';
import { encodedByStep } from '../../../src/core/recipe/weight-pass';
import { argument, printMeasured } from './measured';

/** Weight-only int8 per channel, from opening the file to the synced result. */
async function main(): Promise<void> {
  const begin = performance.now();
  const model = await readModel(argument(0));
  const format = formatOf(model.format);
  const weights = await openWeights(model);
  const tensors = await encodedByStep(model, weights, quantizeSchema.parse({ weights: 'int8' }), { file: argument(0) });
  const written = await format.write(format.encodings.store(model, tensors), argument(1), {
    context: quietContext(),
    overwrite: true,
  });
  await weights.close();
  printMeasured(performance.now() - begin, { bytes: written.bytes, weights: tensors.size });
}

void main();
