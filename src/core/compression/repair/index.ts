import type { Model } from '../../model/model';
import type { RepairName } from '../../recipe/recipe.schema';
import type { WeightPlan } from '../encodings/scheme';
import { awq } from './awq';
import { fold } from './fold';
import { smooth } from './smooth';
import { adaptiveRounding } from './adaptive-rounding';
import { equalize } from './equalize';
import { gptq } from './gptq';
import type { RepairContext, Repaired, RepairPass } from './repair';

export type { RepairContext, Repaired, RepairPass } from './repair';

/** Passes in the order in which they run: each works on what the ones before it made. A new one is one line. */
export const REPAIR_PASSES: readonly RepairPass[] = [fold, equalize, smooth, awq, gptq, adaptiveRounding];

/**
 * Runs the passes that are named, in the order of the table.
 * @returns a float model whose weights a pass may have put on the grid of their scheme, and the plan with the scales
 * that give exactly those codes
 * @throws EdgewiseError `bad-data` where a pass needs calibration inputs and there are none; `cancelled`, `runtime`
 */
export async function runRepairs(
  names: readonly RepairName[],
  model: Model,
  plan: WeightPlan,
  context: RepairContext,
): Promise<Repaired> {
  let repaired: Repaired = { model, plan };
  for (const pass of REPAIR_PASSES) {
    if (names.includes(pass.name)) repaired = await pass.run(repaired.model, repaired.plan, context);
  }
  return repaired;
}
