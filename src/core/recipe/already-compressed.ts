import { compressionChoices } from '../analysis/compression-choices';
import { estimatedBytes } from '../analysis/step-estimate';
import type { ModelSummary } from '../analysis/summary.schema';
import { EdgewiseError } from '../errors';
import { PROVENANCE } from './provenance';
import type { QuantizeStep, Recipe } from './recipe.schema';
import { quantizeSteps } from './step-kinds';

/** Widest float that counts as full precision; narrower ones are a compression of their own. */
const FULL_PRECISION: readonly string[] = ['float32', 'float64'];

/**
 * Looks at a model that is compressed already: what is encoded stays, since rounding it again only adds error; what is
 * stored as floats can still become smaller.
 * @returns a sentence for the report; null for a model of full precision
 * @throws EdgewiseError `unsupported` where the steps have nothing left to do, with what would still make sense
 */
export function lookAtCompressed(summary: ModelSummary, file: string, { steps }: Recipe): string | null {
  const found = compressionOf(summary);
  if (found === null) return null;
  const quantizes = quantizeSteps(steps).filter(({ activations }) => activations !== 'float32');
  const hasCodes = summary.layers.some(({ operator }) => INTEGER_OPERATORS.test(operator)) || found.encoded > 0;
  if (quantizes.length > 0 && hasCodes) throw refused(summary, file, found.what);
  const gains =
    steps.length === 0 || steps.some(({ quantize }) => quantize === undefined || gainsBy(summary, quantize));
  if (!gains || compressionChoices(summary, { data: false }).length === 0) throw refused(summary, file, found.what);
  return found.encoded > 0
    ? `"${file}" ${found.what}: these stay as they are, and only the others are compressed.`
    : `"${file}" ${found.what}: its values were rounded before, and errors are counted from these.`;
}

const INTEGER_OPERATORS = /^(QLinear|QGemm|ConvInteger|MatMulInteger)/;

interface Compression {
  readonly what: string;
  /** Weights that are no floats. */
  readonly encoded: number;
}

function compressionOf({ layers }: ModelSummary): Compression | null {
  const weights = layers.flatMap((layer) => layer.weights.filter(({ role }) => role === 'weight'));
  const encoded = weights.filter(({ encoding }) => encoding.kind !== 'dense');
  if (encoded.length > 0) {
    const kinds = [...new Set(encoded.map(({ encodingLabel }) => encodingLabel))].slice(0, 3).join(', ');
    const what = `is quantized already (${encoded.length} of ${weights.length} weights are ${kinds})`;
    return { what, encoded: encoded.length };
  }
  const floats = weights.filter(({ dtype }) => dtype.startsWith('float') || dtype.startsWith('bfloat'));
  if (floats.length === 0 || floats.some(({ dtype }) => FULL_PRECISION.includes(dtype))) return null;
  return { what: `is stored in ${floats[0]?.dtype ?? 'half precision'} already`, encoded: 0 };
}

/** What activations add says nothing of whether weights have room. */
function gainsBy(summary: ModelSummary, step: QuantizeStep): boolean {
  return estimatedBytes(summary, { ...step, activations: 'float32' }) < summary.bytes;
}

function refused(summary: ModelSummary, file: string, what: string): EdgewiseError {
  const own = summary.metadata[PROVENANCE.version] === undefined ? '' : ', made by Edgewise';
  const [left] = compressionChoices(summary, { data: false });
  const further = left === undefined ? '' : `; of what it has, ${left.title.toLowerCase()} would still save something`;
  return new EdgewiseError(
    'unsupported',
    `"${file}" ${what}${own}. Compress the original, full-precision model${further}.`,
    { file },
  );
}
