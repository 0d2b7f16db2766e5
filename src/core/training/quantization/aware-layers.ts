import { layersOf, type Layer } from '../../analysis/layers';
import type { AwareOptions } from '../../recipe/train.schema';
import type { Model, Weight } from '../../model/model';
import type { AwareMethod } from './methods/method';
import type { WeightBits } from './grid';

/** A layer whose weight learns on a grid. Layers that share a weight stand here one after the other. */
export interface AwareLayer {
  readonly layer: Layer;
  readonly weight: Weight;
  readonly bits: WeightBits;
  /** The axis along which steps differ; null: one step. */
  readonly axis: number | null;
  /** The axis along which the layer's outputs lie. */
  readonly outputAxis: number;
}

export interface AwareChoice {
  readonly layers: readonly AwareLayer[];
  /** Names of layers that stay float, with those at the ends where they do. */
  readonly keep: ReadonlySet<string>;
}

export interface AwareWishes {
  readonly options: AwareOptions;
  readonly method: AwareMethod;
  /** Initializers that learn. */
  readonly learned: ReadonlySet<string>;
  /** Names of layers that stay float. */
  readonly keep: ReadonlySet<string>;
  /** The most that integer kernels multiply exactly here: 8, or 7. */
  readonly widest: number;
}

/** Bits of the first and the last layer, which little is gained by and much is lost. */
const END_BITS = 8;

/**
 * The layers that a step quantizes, in the order in which they run: those with a weight of two dimensions or more that
 * learns. What a layer at an end or a kept one shares with others is as that layer has it.
 */
export function awareLayers(model: Model, wishes: AwareWishes): AwareChoice {
  const { options, method, learned, keep } = wishes;
  const bits = weightBits(options);
  if (bits === null) return { layers: [], keep };
  const all = layersOf(model).flatMap((layer): AwareLayer[] => {
    const main = layer.weights.find(({ role, shape }) => role === 'weight' && shape.length > 1);
    const weight = model.graph.weights.get(main?.name ?? '');
    if (!main || !weight || layer.within !== null) return [];
    const axis = options.granularity === 'channel' && method.channels ? main.outputAxis : null;
    return [{ layer, weight, bits, axis, outputAxis: main.outputAxis ?? 0 }];
  });
  const float = new Set(all.filter(({ layer }) => keep.has(layer.name)).map(({ weight }) => weight.name));
  const named = all.filter(({ weight }) => float.has(weight.name)).map(({ layer }) => layer.name);
  const stay = new Set([...keep, ...named]);
  const found = all.filter(({ weight }) => learned.has(weight.name) && !float.has(weight.name));
  const ends = new Set([found[0], found.at(-1)].map((each) => each?.weight.name ?? ''));
  const atEnd = ({ weight }: AwareLayer): boolean => options.ends !== 'same' && ends.has(weight.name);
  if (options.ends === 'float32')
    return {
      layers: found.filter((each) => !atEnd(each)).map((each) => within(each, each.bits, wishes)),
      keep: new Set([...stay, ...found.filter(atEnd).map(({ layer }) => layer.name)]),
    };
  return { layers: found.map((each) => within(each, atEnd(each) ? END_BITS : each.bits, wishes)), keep: stay };
}

/** Integers by their number; with integer activations weights are integers, too. */
function weightBits({ weights, activations }: AwareOptions): WeightBits | null {
  const wanted = weights ?? (activations === 'float32' ? null : 'int8');
  return wanted === null || wanted === 'ternary' || wanted === 'binary' ? wanted : Number(wanted.replace('int', ''));
}

const within = (layer: AwareLayer, bits: WeightBits, { widest }: AwareWishes): AwareLayer => ({
  ...layer,
  bits: typeof bits === 'number' ? Math.min(bits, widest) : bits,
});
