import type { WeightPlan } from '../compression/encodings/scheme';
import { REPAIR_PASSES, runRepairs, type RepairContext } from '../compression/repair';
import type { Model } from '../model/model';
import type { PassContext } from './passes';
import type { QuantizeStep, RepairName } from './recipe.schema';

/** Passes that make another float model of the same function; the others choose how its weights are rounded. */
const TRANSFORMS: readonly RepairName[] = ['fold', 'equalize', 'smooth', 'awq'];

export interface RepairedModel {
  readonly model: Model;
  readonly plan: WeightPlan;
  /** The model whose weights are rounded: what their errors are measured against. */
  readonly reference: Model;
}

/** The passes of a step that need samples. */
export function hungryRepairs({ repair = [] }: QuantizeStep): RepairName[] {
  return REPAIR_PASSES.filter(({ name, needsCalibration }) => needsCalibration && repair.includes(name)).map(
    ({ name }) => name,
  );
}

export function repairsNeedCalibration(step: QuantizeStep): boolean {
  return hungryRepairs(step).length > 0;
}

/** Runs the passes that a step names, those that change the float model first. */
export async function repairedFor(
  model: Model,
  plan: WeightPlan,
  { repair = [], samples }: QuantizeStep,
  { job, calibration, warn, file }: PassContext,
): Promise<RepairedModel> {
  if (repair.length === 0) return { model, plan, reference: model };
  const context: RepairContext = { job, calibration, samples, warn: (sentence) => warn(sentence), file };
  const transforms = repair.filter((name) => TRANSFORMS.includes(name));
  const transformed = await runRepairs(transforms, model, plan, context);
  const rounding = repair.filter((name) => !TRANSFORMS.includes(name));
  const rounded = await runRepairs(rounding, transformed.model, transformed.plan, context);
  return { ...rounded, reference: transformed.model };
}
