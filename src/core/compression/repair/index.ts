import { EdgewiseError } from '../../errors';
import { quoted } from '../../formats/file-errors';
import type { Model } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { RepairName } from '../../recipe/recipe.schema';
import type { WeightPlan } from '../encodings/scheme';
import { constantsToWeights } from '../quantization/static/preparation/constants';
import { adaptiveRounding } from './adaptive-rounding';
import { awq } from './awq';
import { biasCorrection } from './bias-correction';
import { equalize } from './equalize';
import { fold } from './fold';
import { gptq } from './gptq';
import type { RepairContext, Repaired, RepairPass } from './repair';
import { rotate } from './rotate';
import { smooth } from './smooth';

export type { RepairContext, Repaired, RepairPass } from './repair';

/** Passes in the order in which they run: each works on what the ones before it made. A new one is one line. */
export const REPAIR_PASSES: readonly RepairPass[] = [
  fold,
  equalize,
  rotate,
  smooth,
  awq,
  gptq,
  adaptiveRounding,
  biasCorrection,
];

/** What repairs made of a model. */
export interface RepairedModel extends Repaired {
  /** The model whose weights are rounded: what their errors are measured against. */
  readonly reference: Model;
}

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
): Promise<RepairedModel> {
  const passes = passesNamed(names, context);
  let repaired: Repaired = { model: withPlannedInitializers(model, plan), plan };
  let reference = repaired.model;
  for (const pass of passes) {
    throwIfCancelled(context.job.signal);
    context.job.progress({ stage: pass.title, done: 0, total: null, unit: 'steps' });
    repaired = await pass.run(repaired.model, repaired.plan, context);
    if (pass.keepsFunction) reference = repaired.model;
  }
  return { ...repaired, reference };
}

function passesNamed(names: readonly RepairName[], context: RepairContext): RepairPass[] {
  const named = REPAIR_PASSES.filter(({ name }) => names.includes(name));
  const wanting = named.find(({ needsCalibration }) => needsCalibration);
  if (wanting !== undefined && (context.calibration === null || context.calibration.length === 0)) {
    const without = REPAIR_PASSES.filter(({ needsCalibration }) => !needsCalibration).map(({ name }) => name);
    throw new EdgewiseError(
      'bad-data',
      `The repair ${wanting.name} of ${quoted(context.file)} needs calibration data. Give some with --data, or use only ${without.join(' and ')}.`,
      { file: context.file },
    );
  }
  if (!named.includes(gptq) || !named.includes(adaptiveRounding)) return named;
  context.warn('The repair gptq was left out: adaptive-rounding begins with it.');
  return named.filter((pass) => pass !== gptq);
}

/** Passes find weights among the initializers, also those that the file holds as `Constant` nodes. */
function withPlannedInitializers(model: Model, plan: WeightPlan): Model {
  return [...plan.keys()].every((name) => model.graph.weights.has(name)) ? model : constantsToWeights(model);
}
