import type { ReportSuggestion } from '../../report.schema';
import { activationsToo, integersInstead, paletteOfFourBits, searchSmallest, searchWithin } from './compressing';
import type { NextStepFacts, Rule } from './facts';
import { addLabels, lookAtChanged, measureAgain, measureOnData, measureOnDevice, moreSamples } from './measuring';
import {
  correctBiases,
  cutOutliers,
  equalize,
  keepWorstLayers,
  moreBits,
  roundForOutputs,
  scalePerChannel,
  weightsOnly,
} from './repairing';
import {
  closeTheGap,
  learnFromOriginal,
  learnLessByHeart,
  trainLonger,
  trainWithFewerBits,
  trainWithMoreBits,
} from './training';

export type { NextStepFacts } from './facts';

/** More of them are a menu, not advice. */
const MOST = 3;

/** Every rule, the most useful first; of those that stand together, the first that applies. A new one is one line. */
const RULES: readonly (readonly Rule[])[] = [
  [measureOnData],
  [addLabels],
  [trainLonger, closeTheGap, learnLessByHeart],
  [learnFromOriginal],
  [trainWithMoreBits],
  [equalize, roundForOutputs, cutOutliers, correctBiases],
  [scalePerChannel],
  [keepWorstLayers],
  [weightsOnly, moreBits],
  [searchWithin],
  [measureOnDevice],
  [moreSamples],
  [activationsToo],
  [integersInstead, paletteOfFourBits],
  [searchSmallest, trainWithFewerBits],
  [lookAtChanged],
];

/** One to three things to try, chosen from what was measured. Commands hold in the report's folder. */
export function nextSteps(facts: NextStepFacts): ReportSuggestion[] {
  const found = RULES.map((rules) => firstOf(rules, facts)).filter((step) => step !== null);
  if (found.length > 0) return found.slice(0, MOST);
  const again = measureAgain(facts);
  return again ? [again] : [];
}

function firstOf(rules: readonly Rule[], facts: NextStepFacts): ReportSuggestion | null {
  for (const rule of rules) {
    const found = rule(facts);
    if (found !== null) return found;
  }
  return null;
}
