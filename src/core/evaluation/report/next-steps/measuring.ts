import { evaluateCommand } from '../../../recipe/to-command';
import { integerText, judgedName } from '../figures';
import { slower, type Rule } from './facts';

/** Half an interval wider than a point says little about half a point. */
const WIDE = 0.01;

export const measureOnData: Rule = ({ after }) => {
  if (after.metric !== null) return null;
  const reason = 'Only the size is known now. With --data, accuracy and speed are measured before and after.';
  return { title: 'Measure it on your data', reason, command: null };
};

export const addLabels: Rule = ({ after }) => {
  if (after.metric !== 'fidelity') return null;
  const reason = 'The data have no labels, so only agreement with the original is known, not accuracy.';
  return { title: 'Add labels to the data', reason, command: null };
};

export const measureOnDevice: Rule = (facts) => {
  if (!slower(facts)) return null;
  return {
    title: 'Measure it on the device it is for',
    reason: 'On this processor it is slower than the original; how fast small numbers are depends on the processor.',
    command: facts.output === null ? null : evaluateCommand(facts.output, facts.recipe.data),
  };
};

export const moreSamples: Rule = ({ after }) => {
  if (!after.interval || after.headline?.unit === 'number') return null;
  const half = (after.interval[1] - after.interval[0]) / 2;
  if (half <= WIDE) return null;
  const reason = `With ${integerText(after.samples)} samples, ${judgedName(after)} is known to ±${(half * 100).toFixed(1)} points only.`;
  return { title: 'Test on more samples', reason, command: null };
};

export const lookAtChanged: Rule = ({ changed, after }) => {
  if (changed === 0) return null;
  const count = changed === 1 ? 'one answer' : `${integerText(changed)} answers`;
  const reason = `Of ${integerText(after.samples)} samples, these are where the two models differ; the report shows them.`;
  return { title: `Look at the ${count} that changed`, reason, command: null };
};

/** What there is to do where nothing else is. */
export const measureAgain: Rule = ({ output, recipe }) => {
  const command = output === null ? null : evaluateCommand(output, recipe.data);
  if (command === null) return null;
  const reason = 'Speed depends on the processor: the same command there gives its figures.';
  return { title: 'Measure it on the device it is for', reason, command };
};
