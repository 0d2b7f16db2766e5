import { arenaBytes } from '../analysis/arena';
import type { Report } from '../evaluation/report.schema';
import type { CompressedFile } from './compressed-file';
import type { Recipe } from './recipe.schema';
import { quantizeSteps } from './step-kinds';

export type MicroFigures = NonNullable<NonNullable<Report['target']>['micro']>;

/**
 * What counts on a microcontroller: bytes of weights, biases and scales, which lie in flash, and the tensor arena for
 * one sample. Code of the runtime and the description of the graph come on top. Null for other places, and where the
 * shape of an activation is not known.
 */
export function microFigures(recipe: Recipe, { model, summary }: CompressedFile): MicroFigures | null {
  if (recipe.target?.runtime !== 'micro') return null;
  const wide = quantizeSteps(recipe.steps).some(({ activations }) => activations === 'uint16');
  const arena = arenaBytes(model, wide ? 16 : 8);
  if (arena === null) return null;
  return { flashBytes: summary.layers.reduce((bytes, layer) => bytes + layer.bytes, 0), arenaBytes: arena };
}
