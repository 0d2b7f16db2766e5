import { layersOf } from '../../analysis/layers';
import type { Model } from '../../model/model';

/** What one choice is made for: layers that have weights in common are encoded alike, as a recipe names layers. */
export interface Unit {
  /** In the order in which they run. */
  readonly layers: readonly string[];
  /** Names of the weights that any rung encodes. */
  readonly weights: readonly string[];
}

/** The layers that hold these weights, in the order in which they run. */
export function unitsOf(model: Model, weights: ReadonlySet<string>): Unit[] {
  const units: { layers: string[]; weights: Set<string> }[] = [];
  for (const layer of layersOf(model)) {
    const own = layer.weights.map(({ name }) => name).filter((name) => weights.has(name));
    if (own.length === 0) continue;
    const joined = units.filter((unit) => own.some((name) => unit.weights.has(name)));
    const [first = { layers: [], weights: new Set<string>() }, ...others] = joined;
    if (joined.length === 0) units.push(first);
    first.layers.push(...others.flatMap(({ layers }) => layers), layer.name);
    for (const name of [...own, ...others.flatMap((unit) => [...unit.weights])]) first.weights.add(name);
    for (const other of others) units.splice(units.indexOf(other), 1);
  }
  return units.map((unit) => ({ layers: unit.layers, weights: [...unit.weights] }));
}
