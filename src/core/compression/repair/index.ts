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
import { hasSamples, type RepairContext, type Repaired, type RepairPass } from './repair';
import { rotate } from './rotate';
import { smooth } from './smooth';
import { normalizedStatistics } from './statistics/batch-normalization';
import type { ValueStatistics } from './statistics/channel-statistics';

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
  const statistics = await statisticsFor(passes, model, context);
  let repaired: Repaired = { model: withPlannedInitializers(model, plan), plan, statistics };
  let reference = repaired.model;
  for (const pass of passes) {
    throwIfCancelled(context.job.signal);
    context.job.progress({ stage: pass.title, done: 0, total: null, unit: 'steps' });
    const known: ValueStatistics = repaired.statistics ?? new Map();
    repaired = {
      statistics: known,
      ...(await pass.run(repaired.model, repaired.plan, { ...context, statistics: known })),
    };
    if (pass.keepsFunction) reference = repaired.model;
  }
  return { model: repaired.model, plan: repaired.plan, reference };
}

function passesNamed(names: readonly RepairName[], context: RepairContext): RepairPass[] {
  const named = REPAIR_PASSES.filter(({ name }) => names.includes(name));
  const wanting = named.find(({ needs }) => needs === 'calibration');
  if (wanting !== undefined && !hasSamples(context)) throw needsSamples(wanting, context);
  if (!named.includes(gptq) || !named.includes(adaptiveRounding)) return named;
  context.warn('The repair gptq was left out: adaptive-rounding begins with it.');
  return named.filter((pass) => pass !== gptq);
}

/** What batch normalization says of values, where a pass has nothing else to go by. It is lost once it is folded. */
async function statisticsFor(
  passes: readonly RepairPass[],
  model: Model,
  context: RepairContext,
): Promise<ValueStatistics> {
  const wanting = passes.find(({ needs }) => needs === 'calibration or statistics');
  if (wanting === undefined || hasSamples(context)) return new Map();
  const statistics = await normalizedStatistics(model);
  if (statistics.size === 0) throw needsSamples(wanting, context);
  return statistics;
}

function needsSamples({ name, needs }: RepairPass, { file }: RepairContext): EdgewiseError {
  const others = REPAIR_PASSES.filter((pass) => pass.needs === 'nothing').map((pass) => pass.name);
  const why = needs === 'calibration' ? '' : ', since the model has no batch normalization that tells of its values';
  return new EdgewiseError(
    'bad-data',
    `The repair ${name} of ${quoted(file)} needs calibration data${why}. Give some with --data, or use only ${others.slice(0, -1).join(', ')} and ${others.at(-1) ?? ''}.`,
    { file },
  );
}

/** Passes find weights among the initializers, also those that the file holds as `Constant` nodes. */
function withPlannedInitializers(model: Model, plan: WeightPlan): Model {
  return [...plan.keys()].every((name) => model.graph.weights.has(name)) ? model : constantsToWeights(model);
}
