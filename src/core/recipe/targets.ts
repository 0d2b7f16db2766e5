import { encodingOfStep } from '../compression/encodings/step-scheme';
import { quantizeSchema, type QuantizeStep, type Recipe } from './recipe.schema';
import type { DistilStep, TrainStep } from './train.schema';

type StepFacts = Pick<QuantizeStep, 'weights' | 'activations'> & Partial<QuantizeStep>;

/** What `--to` takes: the steps that most users want, by one word. A new one is one line. */
const TARGETS = {
  int8: { weights: 'int8', activations: 'uint8' },
  'int8-weights': { weights: 'int8', activations: 'float32' },
  int4: { weights: 'int4', activations: 'float32', granularity: 'block' },
  palette4: { weights: 'int4', activations: 'float32', encoding: 'palette' },
  float16: { weights: 'float16', activations: 'float32' },
} as const satisfies Record<string, StepFacts>;

export type TargetName = keyof typeof TARGETS;

export const TARGET_NAMES = Object.keys(TARGETS).filter(isTargetName);

export function isTargetName(name: string): name is TargetName {
  return Object.hasOwn(TARGETS, name);
}

/** The step that `--to NAME` stands for, with the schema's defaults. */
export function stepOf(name: TargetName): QuantizeStep {
  return quantizeSchema.parse(TARGETS[name]);
}

/**
 * The name that a step goes by: weights, activations and encoding decide it, other options are told beside it. Null for
 * combinations that no name stands for.
 */
export function targetOf(step: QuantizeStep): TargetName | null {
  const match = TARGET_NAMES.find((name) => {
    const target: StepFacts = TARGETS[name];
    const encoding = target.encoding ?? 'affine';
    return (
      target.weights === step.weights && target.activations === step.activations && encoding === encodingOfStep(step)
    );
  });
  return match ?? null;
}

/**
 * What the output of a recipe is named after: what its only step makes of the weights, or "compressed".
 * `digits.int8.onnx` (with activations), `.int8-weights`, `.int4`, `.palette4`, `.float16`, `.int8-uint16` (16-bit
 * activations), `.palette4-sparse`, `.sparse` (floats without their zeros).
 */
export function outputTag({ steps: [step, second] }: Recipe): string {
  if (step === undefined || second !== undefined) return 'compressed';
  const training = step.train ?? step.distil;
  return training ? trainingTag(training) : step.quantize ? stepTag(step.quantize) : 'compressed';
}

/** `digits.trained.onnx`; with weights of few bits, what they are. */
function trainingTag({ quantize }: TrainStep | DistilStep): string {
  const weights = quantize?.weights ?? 'float32';
  const activations = quantize?.activations ?? 'float32';
  if (weights === 'float32') return activations === 'float32' ? 'trained' : `trained-${activations}`;
  return activations === 'float32' ? `${weights}-trained` : `${weights}-${activations}-trained`;
}

function stepTag(step: QuantizeStep): string {
  const sparse = (step.sparsity ?? 0) > 0;
  if (step.weights === 'float32') return sparse ? 'sparse' : 'compressed';
  const weights = targetOf(step) ?? weightTag(step);
  return sparse ? `${weights}-sparse` : weights;
}

function weightTag(step: QuantizeStep): string {
  const bits = step.weights.replace(/^int/, '');
  const weights = encodingOfStep(step) === 'palette' ? `palette${bits}` : step.weights;
  return step.activations === 'float32' ? weights : `${weights}-${step.activations}`;
}
