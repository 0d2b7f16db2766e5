import type { Tensor } from '../runtime/tensor';
import type { Session, SessionValue } from '../runtime/session';
import { isFloatTensor, toDoubles } from './data/conversion';

/** What no class can be: the answer where every score is NaN. */
export const NO_ANSWER = -1;

/**
 * The class with the highest score for each sample; the first of equals, `NO_ANSWER` where all are NaN.
 * @param scores `[samples, classes]`, or with further dimensions of 1
 */
export function topOne(scores: Tensor): Int32Array {
  const [samples = 0] = scores.shape;
  const values = toDoubles(scores.dtype, scores.data);
  const classes = samples === 0 ? 0 : values.length / samples;
  return Int32Array.from({ length: samples }, (_, sample) => {
    let best = NO_ANSWER;
    let highest = -Infinity;
    for (let index = 0; index < classes; index++) {
      const score = values[sample * classes + index] ?? NaN;
      if (score > highest || (best === NO_ANSWER && score === highest)) [best, highest] = [index, score];
    }
    return best;
  });
}

/** The output that holds class scores, or why there is none. */
export type ScoresOutput = { readonly name: string } | { readonly reason: string };

/** The one output of floats shaped `[batch, classes]` (further dimensions of 1 allowed), with two classes or more. */
export function scoresOutput(session: Session): ScoresOutput {
  const candidates = session.outputs.filter(holdsScores);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return { name: only.name };
  const outputs = session.outputs.map(({ name, shape }) => `${name} ${shapeOf(shape)}`).join(', ');
  const why = candidates.length > 1 ? 'several outputs could be class scores' : 'no output is class scores';
  return { reason: `Accuracy is not measured: ${why} [batch, classes] (${outputs}).` };
}

function holdsScores({ dtype, shape }: SessionValue): boolean {
  if (dtype === null || shape === null || !isFloatTensor(dtype)) return false;
  const [batch, classes, ...rest] = shape;
  const several = typeof classes === 'number' && classes >= 2;
  return batch !== undefined && several && rest.every((size) => size === 1);
}

function shapeOf(shape: SessionValue['shape']): string {
  return shape === null ? '' : `[${shape.map((size) => (size === '' ? 'any' : size)).join(', ')}]`;
}
