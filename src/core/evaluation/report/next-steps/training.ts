import { distilSchema, trainSchema, type DistilStep, type TrainStep } from '../../../recipe/train.schema';
import { compressCommand } from '../../../recipe/to-command';
import { dropInPoints } from '../../drop';
import { numberText } from '../figures';
import { kept, lost, type NextStepFacts, type Rule } from './facts';
import { endOfCurve, lossFellAfter, type CurveEnd } from './training-curves';

/** A teacher that is better by less teaches little more. */
const GAP_POINTS = 1;
/** What is trained on with fewer bits, by the bits that it has: each takes about half the bytes. */
const FEWER_BITS: Partial<Record<WeightBits, WeightBits>> = {
  ...{ int8: 'int4', int7: 'int4', int6: 'int4', int5: 'int4', int4: 'int2', int3: 'int2' },
};
const MORE_BITS: Partial<Record<WeightBits, WeightBits>> = {
  ...{ int3: 'int4', int2: 'int4', ternary: 'int4', binary: 'int2' },
};
const BITS_TEXT: Partial<Record<WeightBits, string>> = { int4: '4 bits', int2: '2 bits' };
/** Pixels by which pictures are moved, where they are not varied yet. */
const SHIFT = 2;
const MORE_DECAY = 10;
/** Ten times nothing would be nothing. */
const LEAST_DECAY = 1e-4;

type WeightBits = NonNullable<NonNullable<TrainStep['quantize']>['weights']>;

/** The figure still got better at the end, or the user ended it before that. */
export const trainLonger: Rule = (facts) => {
  const { training } = facts;
  const step = lastLearning(facts);
  if (!training || !step) return null;
  if (training.ended === 'stopped')
    return {
      title: 'Let it train to its end',
      reason: `It was stopped after ${numberText(training.epochs)} of ${epochsText(step.epochs)}.`,
      command: withLearning(facts, step),
    };
  const end = endOfCurve(training);
  if (end?.trend !== 'better' || training.ended !== 'finished') return null;
  return {
    title: 'Train for longer',
    reason: `${end.name} on the samples for choosing still got better at the end, by ${gainText(end)} since step ${end.since}.`,
    command: withLearning(facts, { ...step, epochs: step.epochs * 2 }),
  };
};

/** The best weights came before the end, and what was learned after them helps on the samples for learning alone. */
export const learnLessByHeart: Rule = (facts) => {
  const { training, pictures = false } = facts;
  const step = lastLearning(facts);
  const end = training && endOfCurve(training);
  if (!training || !step || end?.trend !== 'worse' || !lossFellAfter(training, training.bestStep)) return null;
  const reason = `After step ${training.bestStep} the loss went on falling while ${end.name.toLowerCase()} on the samples for choosing got worse by ${gainText(end)}: it learned its samples by heart.`;
  if (pictures && step.augment === undefined)
    return {
      title: 'Vary the pictures',
      reason: `${reason} Moved by a few pixels, no two are the same.`,
      command: withLearning(facts, { ...step, augment: { shift: SHIFT } }),
    };
  return {
    title: 'Let weights shrink faster',
    reason: `${reason} Small weights remember less.`,
    command: withLearning(facts, { ...step, weightDecay: Math.max(step.weightDecay, LEAST_DECAY) * MORE_DECAY }),
  };
};

/** What a teacher knows that the student has not learned. */
export const closeTheGap: Rule = (facts) => {
  const { teachers = [], after } = facts;
  const step = lastLearning(facts);
  const [best] = [...teachers].sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  if (!step || !('teacher' in step) || after.value === null || !best || best.value === null) return null;
  if (after.headline?.unit === 'number') return null;
  const gap = (best.value - after.value) * 100;
  if (gap < GAP_POINTS) return null;
  const said = `${best.name} answers ${gap.toFixed(1)} points better than the student`;
  if (best.parameters > after.parameters && step.epochs >= LONG_EPOCHS)
    return {
      title: 'Give the student more room',
      reason: `${said} after ${epochsText(step.epochs)}: it may be too small for what it is taught. A wider one, of edgewise student, has room for more.`,
      command: null,
    };
  return {
    title: 'Learn longer from the teacher',
    reason: `${said}.`,
    command: withLearning(facts, { ...step, epochs: step.epochs * 2 }),
  };
};

/** From so many epochs on, more of them are not the first thing to try. */
const LONG_EPOCHS = 20;

/** After a loss with labels alone: the answers of the original say more than they do. */
export const learnFromOriginal: Rule = (facts) => {
  const step = lastLearning(facts);
  if (!lost(facts) || !step || 'teacher' in step) return null;
  const drop = facts.after.metric === 'accuracy' ? dropInPoints(facts.before, facts.after) : null;
  const better = drop === null ? 'is better' : `answers ${drop.toFixed(1)} points better`;
  return {
    title: 'Let the original teach it',
    reason: `The original ${better}, and how sure it is of each answer says more than a label.`,
    command: withLearning(facts, distilSchema.parse({ ...step, teacher: 'self' })),
  };
};

export const trainWithMoreBits: Rule = (facts) => {
  const bits = lastLearning(facts)?.quantize?.weights;
  const more = bits && MORE_BITS[bits];
  if (!lost(facts) || !more) return null;
  return {
    title: `Train with ${BITS_TEXT[more]}`,
    reason: 'Each bit more halves the steps between the values that weights can have.',
    command: withBits(facts, more),
  };
};

/** Where nothing that was measured got worse, fewer bits may do. */
export const trainWithFewerBits: Rule = (facts) => {
  const step = lastLearning(facts);
  if (!step || step.cluster !== undefined || !kept(facts)) return null;
  const bits = step.quantize?.weights;
  const fewer = bits === undefined ? 'int4' : FEWER_BITS[bits];
  if (fewer === undefined) return null;
  const now = bits === undefined ? 'Its weights are still floats, and no loss shows' : `With ${bits} no loss shows`;
  return {
    title: `Train with ${BITS_TEXT[fewer]}`,
    reason: `${now}; a network that learns with ${BITS_TEXT[fewer]} a weight takes ${bits === undefined ? 'an eighth of the bytes' : 'about half the bytes'}.`,
    command: withBits(facts, fewer),
  };
};

function withBits(facts: NextStepFacts, weights: WeightBits): string | null {
  const step = lastLearning(facts);
  if (!step) return null;
  const quantize = trainSchema.parse({ quantize: { ...step.quantize, weights } }).quantize;
  return withLearning(facts, { ...step, quantize });
}

/** The last step that trains. */
function lastLearning({ recipe }: NextStepFacts): TrainStep | DistilStep | null {
  return recipe.steps.flatMap(({ train, distil }) => train ?? distil ?? []).at(-1) ?? null;
}

/** The command that made it with another last training; null where flags cannot say the recipe. */
function withLearning({ source, recipe }: NextStepFacts, step: TrainStep | DistilStep): string | null {
  if (recipe.steps.length !== 1) return null;
  return compressCommand(source, { ...recipe, steps: ['teacher' in step ? { distil: step } : { train: step }] });
}

const epochsText = (epochs: number): string => (epochs === 1 ? '1 epoch' : `${numberText(epochs)} epochs`);

const gainText = ({ by, isShare }: CurveEnd): string => (isShare ? `${(by * 100).toFixed(1)} points` : numberText(by));
