import { encodeWeight } from '../../../src/core/compression/encodings/encode';
import type { EncodedTensor } from '../../../src/core/compression/encodings/encoded-tensor';
import type { WeightScheme } from '../../../src/core/compression/encodings/scheme';
import { denseValues } from '../../../src/core/compression/encodings/stored';
import { candidates } from '../../../src/core/compression/quantization/candidates';
import { formatOf, readModel } from '../../../src/core/formats';
import { openWeights } from '../../../src/core/formats/weight-reader';
import { loadKernels } from '../../../src/core/kernels';
import { quietContext } from '../../../src/core/progress';
import { argument, printMeasured } from './measured';

const SCHEMES: Readonly<Record<string, WeightScheme>> = {
  int4: { kind: 'affine', bits: 4, axis: 0, block: 32, symmetric: true, scales: 'minmax' },
  float16: { kind: 'dense', dtype: 'float16' },
  palette4: { kind: 'palette', bits: 4, axis: null, groups: 1, method: 'kmeans' },
};

/** Weights encoded one way, from opening the file to the synced result: `source target scheme`. */
async function main(): Promise<void> {
  const scheme = SCHEMES[argument(2)];
  if (scheme === undefined) throw new Error(`Not a scheme: ${argument(2)}`);
  const begin = performance.now();
  const model = await readModel(argument(0));
  const format = formatOf(model.format);
  const weights = await openWeights(model);
  const kernels = await loadKernels();
  const tensors = new Map<string, EncodedTensor>();
  for (const { name, weight } of candidates(model, new Set(), ({ shape }) => shape.length > 1)) {
    const open = () => denseValues(kernels, weights, weight.stored);
    tensors.set(name, await encodeWeight(kernels, weight.shape, open, scheme));
  }
  const written = await format.write(format.encodings.store(model, tensors), argument(1), {
    context: quietContext(),
    overwrite: true,
  });
  await weights.close();
  printMeasured(performance.now() - begin, { bytes: written.bytes, weights: tensors.size });
}

void main();
