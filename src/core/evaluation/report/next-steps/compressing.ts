import { compressCommand } from '../../../recipe/to-command';
import {
  hasCalibration,
  kept,
  LOSS_POINTS,
  lost,
  onlyStep,
  retarget,
  targetOfRecipe,
  type NextStepFacts,
  type Rule,
} from './facts';

export const integersInstead: Rule = (facts) => {
  if (targetOfRecipe(facts) !== 'float16' || lost(facts)) return null;
  return {
    title: 'Go on to int8',
    reason: 'Weights of 8 bits take half the bytes of float16.',
    command: retarget(facts, hasCalibration(facts) ? 'int8' : 'int8-weights'),
  };
};

/** Where 8 bits lost nothing that was measured, fewer may do. */
export const paletteOfFourBits: Rule = (facts) => {
  const target = targetOfRecipe(facts);
  if ((target !== 'int8' && target !== 'int8-weights') || !kept(facts)) return null;
  const arithmetic = target === 'int8' ? ' Arithmetic goes back to float32.' : '';
  return {
    title: 'Go on to a palette of 4 bits',
    reason: `With 8 bits no loss shows; 16 values, chosen for each layer, take half the bytes.${arithmetic}`,
    command: retarget(facts, 'palette4'),
  };
};

export const activationsToo: Rule = (facts) => {
  if (targetOfRecipe(facts) !== 'int8-weights' || lost(facts)) return null;
  const known = hasCalibration(facts);
  return {
    title: 'Quantize activations, too',
    reason: known
      ? 'With weights alone the arithmetic is still float32; integers are faster where the processor has instructions for them.'
      : 'With weights alone the arithmetic is still float32. Integer arithmetic needs some samples for calibration: --to int8 --calibration.',
    command: known ? retarget(facts, 'int8') : null,
  };
};

/** After a loss: bits for each layer by what they cost there. */
export const searchWithin: Rule = (facts) =>
  lost(facts)
    ? search(
        facts,
        'Let a search choose for each layer',
        'It measures what each layer bears, and gives bits where they count',
      )
    : null;

/** Without one: how far it goes. A step with options for single layers came of a search, or of more thought. */
export const searchSmallest: Rule = (facts) =>
  kept(facts) && onlyStep(facts)?.overrides === undefined
    ? search(
        facts,
        'Search for the smallest',
        'No loss shows, so there may be room: it tries fewer bits layer by layer',
      )
    : null;

function search(facts: NextStepFacts, title: string, what: string): ReturnType<Rule> {
  const { source, recipe, after } = facts;
  const { data } = recipe;
  const measurable = after.value !== null && (data?.test !== undefined || data?.all !== undefined);
  // A search does not train: it would undo what training did.
  const trains = recipe.steps.some(({ train, distil }) => (train ?? distil) !== undefined);
  if (recipe.steps.length === 0 || trains || !measurable) return null;
  const maxDrop = recipe.target?.maxDrop ?? LOSS_POINTS;
  const command = compressCommand(source, { ...recipe, steps: [], target: { ...recipe.target, maxDrop } });
  const limit = `${maxDrop} ${maxDrop === 1 ? 'point' : 'points'}`;
  return command === null ? null : { title, reason: `${what}, within ${limit}.`, command };
}
