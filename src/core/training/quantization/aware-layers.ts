import { layersOf, type Layer } from '../../analysis/layers';
import type { AwareOptions } from '../../recipe/train.schema';
import type { Model, Weight } from '../../model/model';
import type { AwareMethod } from './methods/method';
import type { WeightBits } from './grid';

/** A layer whose weight learns on a grid. */
export interface AwareLayer {
  readonly layer: Layer;
  readonly weight: Weight;
  readonly bits: WeightBits;
  /** The axis along which steps differ; null: one step. */
  readonly axis: number | null;
  /** The axis along which the layer's outputs lie. */
  readonly outputAxis: number;
}

/** Bits of the first and the last layer, which little is gained by and much is lost. */
const END_BITS = 8;

/**
 * The layers that a step quantizes, in the order in which they run: those with a weight of two dimensions or more that
 * learns.
 * @param learned initializers that learn
 * @param keep names of layers that stay float
 */
export function awareLayers(
  model: Model,
  options: AwareOptions,
  method: AwareMethod,
  learned: ReadonlySet<string>,
  keep: ReadonlySet<string>,
): readonly AwareLayer[] {
  const { weights: wanted } = options;
  if (wanted === undefined) return [];
  const found = layersOf(model).flatMap((layer): AwareLayer[] => {
    if (keep.has(layer.name) || layer.within !== null) return [];
    const main = layer.weights.find(({ role, shape }) => role === 'weight' && shape.length > 1);
    const weight = model.graph.weights.get(main?.name ?? '');
    if (!main || !weight || !learned.has(weight.name)) return [];
    const axis = options.granularity === 'channel' && method.channels ? main.outputAxis : null;
    return [{ layer, weight, bits: bitsOf(wanted), axis, outputAxis: main.outputAxis ?? 0 }];
  });
  return found.flatMap((each, index) => atTheEnds(each, index === 0 || index === found.length - 1, options));
}

/** Integers by their number. */
function bitsOf(weights: NonNullable<AwareOptions['weights']>): WeightBits {
  return weights === 'ternary' || weights === 'binary' ? weights : Number(weights.replace('int', ''));
}

function atTheEnds(layer: AwareLayer, isEnd: boolean, { ends }: AwareOptions): AwareLayer[] {
  if (!isEnd || ends === 'same') return [layer];
  return ends === 'float32' ? [] : [{ ...layer, bits: END_BITS }];
}
