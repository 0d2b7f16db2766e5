import type { Model, ValueType } from '../../model/model';
import { toDimension } from './extent';
import type { Facts } from './facts';
import { Inference } from './inference';

export { Inference } from './inference';

/**
 * Types of every value between nodes, subgraphs included, by name. Symbolic dimensions take their values from `dims`,
 * or stay expressions ("batch*49"); what cannot be told is null. Never throws, whatever the file says.
 */
export function inferShapes(model: Model, dims: Readonly<Record<string, number>> = {}): Map<string, ValueType> {
  const inference = new Inference(model, dims);
  const types = new Map<string, ValueType>();
  for (const graph of inference.graphs) {
    for (const [name, known] of inference.valuesOf(graph)) {
      if (!types.has(name)) types.set(name, toValueType(known));
    }
  }
  return types;
}

/** Facts as the neutral model writes types. */
export function toValueType(known: Facts): ValueType {
  return { dtype: known.dtype, shape: known.shape?.map(toDimension) ?? null };
}
