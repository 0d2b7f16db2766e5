import { quantizeWeights } from '../../../src/core/compression/quantization/weight-only';
import { formatOf, readModel } from '../../../src/core/formats';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { quietContext } from '../../../src/core/progress';
import { argument, printMeasured } from './measured';

/** Weight-only int8 per channel, from opening the file to the synced result. */
async function main(): Promise<void> {
  const begin = performance.now();
  const model = await readModel(argument(0));
  const format = formatOf(model.format);
  const weights = await openWeights(model);
  const tensors = await quantizeWeights(model, weights, { granularity: 'channel' });
  const written = await format.write(format.encodings.store(model, tensors), argument(1), {
    context: quietContext(),
    overwrite: true,
  });
  await weights.close();
  printMeasured(performance.now() - begin, { bytes: written.bytes, weights: tensors.size });
}

void main();
