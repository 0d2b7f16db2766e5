import type { Recipe } from '../../core/recipe/recipe.schema';
import type { DistilStep, TrainStep } from '../../core/recipe/train.schema';

/** The steps that train, in order. */
export function trainingSteps({ steps }: Recipe): (TrainStep | DistilStep)[] {
  return steps.flatMap(({ train, distil }) => train ?? distil ?? []);
}

/** "Learning from large.onnx, with int4 weights and uint8 activations" */
export function methodText(recipe: Recipe): string {
  const step = trainingSteps(recipe).at(-1);
  if (!step) return 'Compressing';
  const bits = step.quantize ? `with ${bitsText(step.quantize)}` : '';
  if ('teacher' in step) {
    const teachers = typeof step.teacher === 'string' ? [step.teacher] : step.teacher;
    return `Learning from ${teachers.join(', ')}${bits === '' ? '' : `, ${bits}`}`;
  }
  return bits === '' ? 'Fine-tuning' : `Training ${bits}`;
}

function bitsText({ weights, activations }: NonNullable<TrainStep['quantize']>): string {
  const parts = [
    ...(weights === undefined ? [] : [`${weights} weights`]),
    ...(activations === 'float32' ? [] : [`${activations} activations`]),
  ];
  return parts.join(' and ') || 'float weights';
}
