import { layersOf, type Layer, type LayerWeight } from '../analysis/layers';
import { widenWeights } from '../compression/quantization/static/preparation/stored-weights';
import { EdgewiseError } from '../errors';
import { openWeights } from '../formats/weight-reader';
import { quoted } from '../formats/file-errors';
import { loadKernels } from '../kernels';
import type { Encoding } from '../model/encoding';
import type { Model } from '../model/model';

/** What earlier steps have made of weights and later ones keep, by the names of layers. */
export interface HeldForms {
  /** Layers whose weights were pruned: zeros among them stay zeros. */
  readonly zeros: ReadonlySet<string>;
  /** Layers whose weights share few values, with the bits of their codes: weights that are equal stay equal. */
  readonly shared: ReadonlyMap<string, number>;
}

export const NOTHING_HELD: HeldForms = { zeros: new Set(), shared: new Map() };

/** A model whose pruned and clustered weights are float32 initializers again, and what they are to stay. */
export interface StandingWeights {
  readonly model: Model;
  readonly held: HeldForms;
}

/** Gives the float32 values behind weights that are stored without their zeros, or as palettes. */
export async function standingWeights(model: Model): Promise<StandingWeights> {
  const zeros = new Set<string>();
  const shared = new Map<string, number>();
  for (const { name, weight } of mainWeights(model)) {
    const { encoding } = weight;
    if (encoding.kind === 'sparse') zeros.add(name);
    const values = innerOf(encoding);
    if (values.kind === 'palette' && values.groups === 1) shared.set(name, values.bits);
  }
  if (zeros.size === 0 && shared.size === 0) return { model, held: NOTHING_HELD };
  const reader = await openWeights(model);
  try {
    return { model: await widenWeights(model, reader, await loadKernels()), held: { zeros, shared } };
  } finally {
    await reader.close();
  }
}

/**
 * @throws EdgewiseError `unsupported` for a model whose weights are integer codes: codes do not learn, and training what
 * is left would pass for more than it is
 */
export function refuseCodes(model: Model, file: string): void {
  const weights = mainWeights(model);
  const codes = weights.filter(({ weight }) => innerOf(weight.encoding).kind === 'affine');
  if (codes.length === 0) return;
  throw new EdgewiseError(
    'unsupported',
    `${quoted(file)} is quantized already (${codes.length} of ${weights.length} weights are integers), and codes do not learn. Train the float model, with few bits where the train step says quantize, and quantize after that.`,
    { file },
  );
}

function mainWeights(model: Model): { name: string; layer: Layer; weight: LayerWeight }[] {
  return layersOf(model).flatMap((layer) => {
    const weight = layer.weights.find(({ role, shape }) => role === 'weight' && shape.length > 1);
    return weight ? [{ name: layer.name, layer, weight }] : [];
  });
}

const innerOf = (encoding: Encoding): Encoding => (encoding.kind === 'sparse' ? encoding.values : encoding);
