import { mul } from '../graph/arithmetic';
import { inPlaceOfWeights } from '../reading-weights';
import type { NamedValues, TrainingTransform } from '../transform';
import { courseSteps, gradualLevel, type PruningCourse } from './gradual-level';
import { magnitudeMask } from './magnitude-mask';

/**
 * Zeros that come while a network trains, and stay: each weight is multiplied by a mask, so that what is masked gets no
 * gradient. Masks go by magnitude, tensor by tensor.
 * @param starts weights that are pruned, with what they begin with: zeros among them are masked from the start
 */
export function maskTransform(course: PruningCourse, starts: NamedValues): TrainingTransform {
  const first = new Map([...starts].map(([name, start]) => [name, start.map((value) => (value === 0 ? 0 : 1))]));
  const maskIn = (values: NamedValues, name: string): Float32Array =>
    values.get(maskOf(name)) ?? first.get(name) ?? new Float32Array(0);
  return {
    name: 'pruning',
    operands: inPlaceOfWeights((name, weight, scope) => {
      const start = first.get(name);
      return start ? mul(scope.build, weight, scope.running(maskOf(name), weight.shape, start)) : null;
    }),
    adjust(moment, values) {
      const level = gradualLevel(course, moment);
      if (level === null) return null;
      return new Map(
        [...starts.keys()].map((name) => {
          const weight = values.get(name) ?? starts.get(name) ?? new Float32Array(0);
          return [maskOf(name), magnitudeMask(weight, maskIn(values, name), level)];
        }),
      );
    },
    isReached: ({ step, total }) => step > courseSteps(course, total).last,
    settled: (values) =>
      new Map(
        [...starts].map(([name, start]) => {
          const mask = maskIn(values, name);
          // Zeros without a sign: a product may give -0.
          return [name, (values.get(name) ?? start).map((value, index) => (mask[index] === 0 ? 0 : value))];
        }),
      ),
  };
}

export const maskOf = (weight: string): string => `${weight}:mask`;
