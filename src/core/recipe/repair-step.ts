import type { WeightPlan } from '../compression/encodings/scheme';
import { REPAIR_PASSES, runRepairs, type RepairedModel } from '../compression/repair';
import type { Model } from '../model/model';
import type { PassContext } from './passes';
import type { QuantizeStep, RepairName } from './recipe.schema';

/** The passes of a step that need samples. */
export function hungryRepairs({ repair = [] }: QuantizeStep): RepairName[] {
  return REPAIR_PASSES.filter(({ name, needs }) => needs === 'calibration' && repair.includes(name)).map(
    ({ name }) => name,
  );
}

export function repairsNeedCalibration(step: QuantizeStep): boolean {
  return hungryRepairs(step).length > 0;
}

/** Runs the passes that a step names. */
export async function repairedFor(
  model: Model,
  plan: WeightPlan,
  { repair = [], samples, activations }: QuantizeStep,
  { job, calibration, warn, file }: PassContext,
): Promise<RepairedModel> {
  if (repair.length === 0) return { model, plan, reference: model };
  return runRepairs(repair, model, plan, {
    job,
    calibration,
    samples,
    quantizesActivations: activations !== 'float32',
    warn: (sentence) => warn(sentence),
    file,
  });
}
