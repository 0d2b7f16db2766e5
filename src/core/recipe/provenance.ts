import type { Model } from '../model/model';
import { VERSION } from '../version';
import { quantizeSchema, type QuantizeStep, type Recipe, type RecipeStep } from './recipe.schema';

/** Keys of the metadata that an output carries. */
export const PROVENANCE = {
  version: 'edgewise.version',
  recipe: 'edgewise.recipe',
  source: 'edgewise.source.sha256',
} as const;

/**
 * The model with its provenance in the metadata. The recipe is its steps alone: data sets decide what the bytes are
 * only through calibration, and their paths are the user's own business in a file that is shipped.
 */
export function withProvenance(model: Model, recipe: Recipe, sourceHash: string): Model {
  const metadata = new Map(model.metadata);
  metadata.set(PROVENANCE.version, VERSION);
  const steps = recipe.steps.map((step) =>
    step.quantize ? { quantize: withoutDefaults(step.quantize) } : trainingAlone(step),
  );
  metadata.set(PROVENANCE.recipe, JSON.stringify({ version: recipe.version, steps }));
  metadata.set(PROVENANCE.source, sourceHash);
  return { ...model, metadata };
}

/** What was trained, without the teacher's path. */
function trainingAlone({ train, distil }: RecipeStep): object {
  if (distil === undefined) return { train };
  const { teacher: _teacher, ...rest } = distil;
  return { distil: rest };
}

/** What the schema fills in again: small models are weighed byte by byte. */
function withoutDefaults(step: QuantizeStep): Partial<QuantizeStep> {
  const usual: Record<string, unknown> = quantizeSchema.parse({ weights: step.weights });
  const said = Object.entries(step).filter(
    ([key, value]) => key === 'weights' || JSON.stringify(value) !== JSON.stringify(usual[key]),
  );
  return Object.fromEntries(said);
}
