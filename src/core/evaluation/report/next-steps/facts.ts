import type { QuantizeStep, Recipe } from '../../../recipe/recipe.schema';
import { stepOf, targetOf, type TargetName } from '../../../recipe/targets';
import { compressCommand } from '../../../recipe/to-command';
import { dropInPoints } from '../../drop';
import type { Measurement } from '../../measurement.schema';
import type { Report, ReportLayer, ReportSuggestion } from '../../report.schema';
import { speedOf } from '../speed';

export interface NextStepFacts {
  before: Measurement;
  after: Measurement;
  paired: Report['paired'];
  layers: readonly ReportLayer[];
  /** Samples whose answer changed. */
  changed: number;
  /** Paths relative to the report, as commands name them. */
  source: string;
  output: string | null;
  recipe: Recipe;
  training?: Report['training'];
  teachers?: Report['teachers'];
  /** True where the samples are pictures. */
  pictures?: boolean;
}

/** A suggestion where the measurements give a reason for it. */
export type Rule = (facts: NextStepFacts) => ReportSuggestion | null;

/** A loss that matters: half a point, and not by chance. */
export const LOSS_POINTS = 0.5;
/** Agreement with the original is lost without being wrong: twice as much counts. */
const FIDELITY_POINTS = 1;
const SIGNIFICANT = 0.05;

export function lost({ before, after, paired }: NextStepFacts): boolean {
  const drop = dropInPoints(before, after);
  if (drop === null) return false;
  if (after.metric === 'fidelity' || after.metric === 'similarity') return drop > FIDELITY_POINTS;
  const byChance = paired?.pValue !== undefined && paired.pValue !== null && paired.pValue >= SIGNIFICANT;
  return drop >= LOSS_POINTS && !byChance;
}

/** True where something was judged and no loss shows. */
export function kept(facts: NextStepFacts): boolean {
  return facts.after.value !== null && !lost(facts);
}

export function slower({ before, after }: NextStepFacts): boolean {
  return speedOf(before, after) === 'slower';
}

/** The step of a recipe that has one only. */
export function onlyStep({ recipe: { steps } }: NextStepFacts): QuantizeStep | null {
  return steps.length === 1 ? (steps[0]?.quantize ?? null) : null;
}

export function targetOfRecipe(facts: NextStepFacts): TargetName | null {
  const step = onlyStep(facts);
  return step && targetOf(step);
}

/** Bits of the codes that weights become; null for floats and recipes of several steps. */
export function codeBits(facts: NextStepFacts): number | null {
  const bits = /^int(\d+)$/.exec(onlyStep(facts)?.weights ?? '')?.[1];
  return bits === undefined ? null : Number(bits);
}

export function hasCalibration({ recipe: { data } }: NextStepFacts): boolean {
  return data?.calibration !== undefined || data?.all !== undefined;
}

/** The same command with another target; what was kept stays kept. */
export function retarget(facts: NextStepFacts, target: TargetName): string | null {
  return withStep(facts, { ...stepOf(target), keep: onlyStep(facts)?.keep ?? [] });
}

/** The command that made it, with another step. */
export function withStep({ source, recipe }: NextStepFacts, quantize: QuantizeStep): string | null {
  return compressCommand(source, { ...recipe, steps: [{ quantize }] });
}
