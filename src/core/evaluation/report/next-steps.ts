import { stepOf, targetOf, type TargetName } from '../../recipe/targets';
import { compressCommand, evaluateCommand } from '../../recipe/to-command';
import type { Recipe } from '../../recipe/recipe.schema';
import type { Measurement } from '../measurement.schema';
import type { Report, ReportLayer, ReportSuggestion } from '../report.schema';
import { bytesText, integerText } from './figures';

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
}

/** More of them are a menu, not advice. */
const MOST = 3;
/** A loss that matters: half a point, and not by chance. */
const LOSS = 0.005;
const SIGNIFICANT = 0.05;
/** Layers to keep in one suggestion. */
const KEPT_LAYERS = 2;
/** Half an interval wider than a point says little about half a point. */
const WIDE = 0.01;
const NOTICEABLY = 1.1;

type Rule = (facts: NextStepFacts) => ReportSuggestion | null;

/** One to three things to try, chosen from what was measured. Commands hold in the report's folder. */
export function nextSteps(facts: NextStepFacts): ReportSuggestion[] {
  const found = RULES.map((rule) => rule(facts)).filter((step) => step !== null);
  if (found.length > 0) return found.slice(0, MOST);
  const again = measureAgain(facts);
  return again ? [again] : [];
}

const RULES: readonly Rule[] = [
  measureOnData,
  addLabels,
  keepWorstLayers,
  weightsOnly,
  integersInstead,
  activationsToo,
  measureOnDevice,
  moreSamples,
  lookAtChanged,
];

function measureOnData({ after }: NextStepFacts): ReportSuggestion | null {
  if (after.metric !== null) return null;
  const reason = 'Only the size is known now. With --data, accuracy and speed are measured before and after.';
  return { title: 'Measure it on your data', reason, command: null };
}

function addLabels({ after }: NextStepFacts): ReportSuggestion | null {
  if (after.metric !== 'fidelity') return null;
  const reason = 'The data have no labels, so only agreement with the original is known, not accuracy.';
  return { title: 'Add labels to the data', reason, command: null };
}

function keepWorstLayers(facts: NextStepFacts): ReportSuggestion | null {
  const [step, second] = facts.recipe.steps;
  if (!lost(facts) || !step || second) return null;
  const worst = facts.layers
    .filter(({ sqnrDb, bytesAfter, bytesBefore }) => sqnrDb !== null && bytesAfter < bytesBefore)
    .sort((a, b) => (a.sqnrDb ?? 0) - (b.sqnrDb ?? 0))
    .slice(0, KEPT_LAYERS);
  if (worst.length === 0) return null;
  const cost = worst.reduce((sum, { bytesBefore, bytesAfter }) => sum + bytesBefore - bytesAfter, 0);
  const names = worst.map(({ name, sqnrDb }) => `${name} (${(sqnrDb ?? 0).toFixed(1)} dB)`).join(' and ');
  const keep = [...step.quantize.keep, ...worst.map(({ name }) => name)];
  return {
    title: 'Keep the layers that suffer most',
    reason: `The weights of ${names} carry the most error; leaving them as they are costs about ${bytesText(cost)}.`,
    command: compressCommand(facts.source, { ...facts.recipe, steps: [{ quantize: { ...step.quantize, keep } }] }),
  };
}

function weightsOnly(facts: NextStepFacts): ReportSuggestion | null {
  if (targetOfRecipe(facts.recipe) !== 'int8' || !(lost(facts) || slower(facts))) return null;
  return {
    title: 'Quantize weights only',
    reason: 'Activations stay float32: the file is about as small, answers and speed are close to the original.',
    command: retarget(facts, 'int8-weights'),
  };
}

function integersInstead(facts: NextStepFacts): ReportSuggestion | null {
  if (targetOfRecipe(facts.recipe) !== 'float16' || lost(facts)) return null;
  const target = facts.recipe.data?.calibration || facts.recipe.data?.all ? 'int8' : 'int8-weights';
  return {
    title: 'Go on to int8',
    reason: 'Weights of 8 bits take half the bytes of float16.',
    command: retarget(facts, target),
  };
}

function activationsToo(facts: NextStepFacts): ReportSuggestion | null {
  if (targetOfRecipe(facts.recipe) !== 'int8-weights' || lost(facts)) return null;
  const data = facts.recipe.data;
  const known = data?.calibration !== undefined || data?.all !== undefined;
  return {
    title: 'Quantize activations, too',
    reason: known
      ? 'With weights alone the arithmetic is still float32; integers are faster where the processor has instructions for them.'
      : 'With weights alone the arithmetic is still float32. Integer arithmetic needs some samples for calibration: --to int8 --calibration.',
    command: known ? retarget(facts, 'int8') : null,
  };
}

function measureOnDevice(facts: NextStepFacts): ReportSuggestion | null {
  if (!slower(facts)) return null;
  return {
    title: 'Measure it on the device it is for',
    reason: 'On this processor it is slower than the original; how fast small numbers are depends on the processor.',
    command: facts.output === null ? null : evaluateCommand(facts.output, facts.recipe.data),
  };
}

function moreSamples({ after }: NextStepFacts): ReportSuggestion | null {
  if (!after.interval || (after.interval[1] - after.interval[0]) / 2 <= WIDE) return null;
  const half = (((after.interval[1] - after.interval[0]) / 2) * 100).toFixed(1);
  const reason = `With ${integerText(after.samples)} samples, accuracy is known to ±${half} points only.`;
  return { title: 'Test on more samples', reason, command: null };
}

function lookAtChanged({ changed, after }: NextStepFacts): ReportSuggestion | null {
  if (changed === 0) return null;
  const count = changed === 1 ? 'one answer' : `${integerText(changed)} answers`;
  const reason = `Of ${integerText(after.samples)} samples, these are where the two models differ; the report shows them.`;
  return { title: `Look at the ${count} that changed`, reason, command: null };
}

function measureAgain({ output, recipe }: NextStepFacts): ReportSuggestion | null {
  const command = output === null ? null : evaluateCommand(output, recipe.data);
  if (command === null) return null;
  const reason = 'Speed depends on the processor: the same command there gives its figures.';
  return { title: 'Measure it on the device it is for', reason, command };
}

function lost({ before, after, paired }: NextStepFacts): boolean {
  if (after.value === null) return false;
  if (after.metric === 'fidelity') return after.value < 1 - 2 * LOSS;
  if (after.metric !== 'accuracy' || before.value === null) return false;
  const byChance = paired?.pValue !== undefined && paired.pValue !== null && paired.pValue >= SIGNIFICANT;
  return before.value - after.value >= LOSS && !byChance;
}

function slower({ before, after }: NextStepFacts): boolean {
  if (!before.latencyMs || !after.latencyMs) return false;
  return after.latencyMs.median > before.latencyMs.median * NOTICEABLY;
}

function targetOfRecipe({ steps }: Recipe): TargetName | null {
  const [step, second] = steps;
  return step && !second ? targetOf(step.quantize) : null;
}

/** The same command with another target; what was kept stays kept. */
function retarget({ source, recipe }: NextStepFacts, target: TargetName): string | null {
  const keep = recipe.steps[0]?.quantize.keep ?? [];
  return compressCommand(source, { ...recipe, steps: [{ quantize: { ...stepOf(target), keep } }] });
}
