import type { RepairName } from '../../../recipe/recipe.schema';
import { REPAIRS } from '../../../recipe/recipe.schema';
import type { ReportLayer, ReportSuggestion } from '../../report.schema';
import { bytesText } from '../figures';
import { codeBits, hasCalibration, lost, onlyStep, retarget, slower, targetOfRecipe, withStep } from './facts';
import type { NextStepFacts, Rule } from './facts';

/** Layers to keep in one suggestion. */
const KEPT_LAYERS = 2;
/** Codes of so few bits are worth choosing one by one. */
const FEW_BITS = 4;
const MATRIX_OPERATORS: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/** One scale for a tensor rounds channels of small weights to nothing. */
export const equalize: Rule = (facts) => {
  if (!lost(facts) || codeBits(facts) === null || onlyStep(facts)?.granularity !== 'tensor') return null;
  return repair(facts, 'equalize', {
    title: 'Equalize the channels first',
    reason: 'With one scale a tensor, channels of small weights are rounded away; equalizing evens their ranges out.',
  });
};

export const scalePerChannel: Rule = (facts) => {
  const step = onlyStep(facts);
  if (!lost(facts) || codeBits(facts) === null || step?.granularity !== 'tensor') return null;
  return {
    title: 'Give each channel a scale of its own',
    reason: 'A scale a channel takes a few bytes and loses least where channels differ in size.',
    command: withStep(facts, { ...step, granularity: 'channel' }),
  };
};

/** A few numbers far from all others take most of the 256 codes of a range that reaches to the largest. */
export const cutOutliers: Rule = (facts) => {
  const step = onlyStep(facts);
  const isStatic = step?.activations === 'uint8' || step?.activations === 'uint16';
  if (!lost(facts) || step === null || !isStatic || (step.ranges ?? 'minmax') !== 'minmax') return null;
  return {
    title: 'Leave outliers out of the ranges',
    reason:
      'Ranges reach to the largest activation that was seen; percentile leaves out the few beyond nearly all others, and gives these finer steps.',
    command: withStep(facts, { ...step, ranges: 'percentile' }),
  };
};

/** What rounding adds to a layer's outputs on average can be taken off its bias. */
export const correctBiases: Rule = (facts) => {
  if (!lost(facts) || codeBits(facts) === null || !hasCalibration(facts)) return null;
  return repair(facts, 'bias-correction', {
    title: 'Correct the biases',
    reason:
      'Rounding shifts the averages of outputs; the calibration samples tell by how much, and biases take it back.',
  });
};

export const roundForOutputs: Rule = (facts) => {
  if (!lost(facts) || (codeBits(facts) ?? Infinity) > FEW_BITS || !hasCalibration(facts)) return null;
  const name = mostlyMatrices(facts.layers) ? 'gptq' : 'adaptive-rounding';
  return repair(facts, name, {
    title: 'Round for the outputs, not for the weights',
    reason: `With codes of ${codeBits(facts)} bits, which way a weight is rounded matters; ${name} chooses it by what layers compute on the calibration samples.`,
  });
};

export const keepWorstLayers: Rule = (facts) => {
  const step = onlyStep(facts);
  if (!lost(facts) || step === null) return null;
  const worst = facts.layers
    .filter(({ sqnrDb, bytesAfter, bytesBefore }) => sqnrDb !== null && bytesAfter < bytesBefore)
    .sort((a, b) => (a.sqnrDb ?? 0) - (b.sqnrDb ?? 0))
    .slice(0, KEPT_LAYERS);
  if (worst.length === 0) return null;
  const cost = worst.reduce((sum, { bytesBefore, bytesAfter }) => sum + bytesBefore - bytesAfter, 0);
  const names = worst.map(({ name, sqnrDb }) => `${name} (${(sqnrDb ?? 0).toFixed(1)} dB)`).join(' and ');
  return {
    title: worst.length === 1 ? 'Keep the layer that suffers most' : 'Keep the layers that suffer most',
    reason: `The weights of ${names} carry the most error; leaving them as they are costs about ${bytesText(cost)}.`,
    command: withStep(facts, { ...step, keep: [...step.keep, ...worst.map(({ name }) => name)] }),
  };
};

export const weightsOnly: Rule = (facts) => {
  if (targetOfRecipe(facts) !== 'int8' || !(lost(facts) || slower(facts))) return null;
  return {
    title: 'Quantize weights only',
    reason: 'Activations stay float32: the file is about as small, answers and speed are close to the original.',
    command: retarget(facts, 'int8-weights'),
  };
};

export const moreBits: Rule = (facts) => {
  if (!lost(facts) || (codeBits(facts) ?? Infinity) > FEW_BITS) return null;
  return {
    title: 'Go back to 8 bits',
    reason: 'Weights of 8 bits rarely lose anything that can be measured, at twice the bytes of 4.',
    command: retarget(facts, 'int8-weights'),
  };
};

/** The same step with one repair more; null where it is there already. */
function repair(
  facts: NextStepFacts,
  name: RepairName,
  texts: Pick<ReportSuggestion, 'title' | 'reason'>,
): ReportSuggestion | null {
  const step = onlyStep(facts);
  const names = step?.repair ?? [];
  if (step === null || names.includes(name)) return null;
  const wanted = REPAIRS.filter((one) => one === name || names.includes(one));
  return { ...texts, command: withStep(facts, { ...step, repair: wanted }) };
}

function mostlyMatrices(layers: readonly ReportLayer[]): boolean {
  const parametersIn = (some: readonly ReportLayer[]): number =>
    some.reduce((sum, { parameters }) => sum + parameters, 0);
  return parametersIn(layers.filter(({ operator }) => MATRIX_OPERATORS.has(operator))) * 2 > parametersIn(layers);
}
