import { EdgewiseError } from '../errors';
import type { ModelSummary } from '../analysis/summary.schema';
import { PROVENANCE } from './provenance';

/** Widest float that counts as full precision; narrower ones are a compression of their own. */
const FULL_PRECISION: readonly string[] = ['float32', 'float64'];

/**
 * Refuses a model that is quantized already: its values are rounded, and rounding them again only adds error.
 * @throws EdgewiseError `unsupported`
 */
export function refuseCompressed(summary: ModelSummary, file: string): void {
  const weights = summary.layers.flatMap((layer) => layer.weights.filter(({ role }) => role === 'weight'));
  const encoded = weights.filter(({ encoding }) => encoding.kind !== 'dense');
  if (encoded.length > 0) {
    const kinds = [...new Set(encoded.map(({ encodingLabel }) => encodingLabel))].slice(0, 3).join(', ');
    throw refused(file, `is quantized already (${encoded.length} of ${weights.length} weights are ${kinds})`, summary);
  }
  const floats = weights.filter(({ dtype }) => dtype.startsWith('float') || dtype.startsWith('bfloat'));
  if (floats.length > 0 && !floats.some(({ dtype }) => FULL_PRECISION.includes(dtype)))
    throw refused(file, `is stored in ${floats[0]?.dtype ?? 'half precision'} already`, summary);
}

function refused(file: string, what: string, { metadata }: ModelSummary): EdgewiseError {
  const own = metadata[PROVENANCE.version] === undefined ? '' : ', made by Edgewise';
  return new EdgewiseError('unsupported', `"${file}" ${what}${own}. Compress the original, full-precision model.`, {
    file,
  });
}
