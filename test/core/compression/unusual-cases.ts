import { elementsOf } from '../../../src/core/model/model';
import type { ArrayParts } from '../data/files';
import { weights } from '../kernels/hostile';
import { initializer, model, value, type GraphParts } from './models';
import type { Case } from './outcome';

/** Normal numbers, repeatable. */
export const make = (count: number, seed: number): Float32Array => weights(count, seed);

export const w = (name: string, shape: number[], seed = 1): GraphParts['weights'][number] =>
  initializer(name, shape, make(elementsOf(shape), seed));

export const floats = (shape: number[], seed = 9): ArrayParts => ({ shape, values: make(elementsOf(shape), seed) });

/** From `x` [n, 64] to `y` [n, 64], unless `change` says otherwise. */
export function chain(
  nodes: GraphParts['nodes'],
  tensors: GraphParts['weights'],
  change: Partial<GraphParts> = {},
): Case {
  const parts = { nodes, weights: tensors, inputs: [value('x', ['n', 64])], outputs: [value('y', ['n', 64])] };
  return { model: model({ ...parts, ...change }), arrays: { x: floats([4, 64]) } };
}

/** From samples `x` of this shape to `y`. */
export function pictures(
  shape: number[],
  outputs: (number | string)[],
  nodes: GraphParts['nodes'],
  tensors: GraphParts['weights'],
): Case {
  const inputs = [value('x', ['n', ...shape.slice(1)])];
  return {
    model: model({ nodes, weights: tensors, inputs, outputs: [value('y', outputs)] }),
    arrays: { x: floats(shape) },
  };
}
