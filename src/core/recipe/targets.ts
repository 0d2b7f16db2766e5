import { quantizeSchema, type QuantizeStep, type Recipe } from './recipe.schema';

/** What `--to` takes, and what output files are named after. A new one is one line. */
const TARGETS = {
  int8: { weights: 'int8', activations: 'uint8', title: 'int8 with calibration' },
  'int8-weights': { weights: 'int8', activations: 'float32', title: 'int8 weights' },
  float16: { weights: 'float16', activations: 'float32', title: 'float16' },
} as const satisfies Record<string, { weights: string; activations: string; title: string }>;

export type TargetName = keyof typeof TARGETS;

export const TARGET_NAMES = Object.keys(TARGETS).filter(isTargetName);

export function isTargetName(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}

/** The step that `--to NAME` stands for, with the schema's defaults. */
export function stepOf(name: TargetName): QuantizeStep {
  const { weights, activations } = TARGETS[name];
  return quantizeSchema.parse({ weights, activations });
}

/** The name that a step goes by; null for combinations that no name stands for. */
export function targetOf(step: QuantizeStep): TargetName | null {
  const match = TARGET_NAMES.find((name) => {
    const target = TARGETS[name];
    return target.weights === step.weights && target.activations === step.activations;
  });
  return match ?? null;
}

/** What the output of a recipe is named after: its only step's target, or "compressed". */
export function outputTag(recipe: Recipe): string {
  const only = recipe.steps.length === 1 ? recipe.steps[0] : undefined;
  return (only && targetOf(only.quantize)) ?? 'compressed';
}
