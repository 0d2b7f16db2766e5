import { formatOf, readModel } from '../../../src/core/formats';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { quietContext } from '../../../src/core/progress';
import { quantizeSchema } from '../../../src/core/recipe/recipe.schema';
import { encodedByStep } from '../../../src/core/recipe/weight-pass';
import { argument, printMeasured } from './measured';

/** Steps of recipes, by the names that benchmarks give them. */
const STEPS: Readonly<Record<string, object>> = {
  int8: { weights: 'int8' },
  int4: { weights: 'int4', granularity: 'block', block: 32, scales: 'minmax' },
  float16: { weights: 'float16' },
  palette4: { weights: 'int4', encoding: 'palette', granularity: 'tensor' },
};

/** Weights encoded by one step, from opening the file to the synced result: `source target step`. */
async function main(): Promise<void> {
  const step = STEPS[argument(2)];
  if (step === undefined) throw new Error(`Not a step: ${argument(2)}`);
  const begin = performance.now();
  const model = await readModel(argument(0));
  const format = formatOf(model.format);
  const weights = await openWeights(model);
  const tensors = await encodedByStep(model, weights, quantizeSchema.parse(step), { file: argument(0) });
  const written = await format.write(format.encodings.store(model, tensors), argument(1), {
    context: quietContext(),
    overwrite: true,
  });
  await weights.close();
  printMeasured(performance.now() - begin, { bytes: written.bytes, weights: tensors.size });
}

void main();
