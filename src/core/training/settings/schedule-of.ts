import type { TrainStep } from '../../recipe/train.schema';
import { plateau } from '../schedules/plateau';
import type { Schedule } from '../schedules/schedule';
import { constant, cosine, exponential, multiStep, oneCycle, polynomial, step, warmUp } from '../schedules/shapes';

/** A tenth, three times over the course: what most published schedules with steps have. */
const FACTOR = 0.1;
const MILESTONES = [0.5, 0.75, 0.9];
const STEPS = 3;
/** Evaluations that a plateau waits. */
const PLATEAU_PATIENCE = 2;
/** Where a falling rate ends, beside where it began. */
const EXPONENTIAL_END = 0.01;
const POLYNOMIAL_POWER = 2;

/** A new schedule is one function and one line here. @param total updates in all */
const SCHEDULES: Readonly<Record<TrainStep['schedule'], (total: number) => Schedule>> = {
  constant: () => constant(),
  cosine: () => cosine(),
  step: (total) => step(Math.max(1, Math.ceil(total / STEPS)), FACTOR),
  'multi-step': () => multiStep(MILESTONES, FACTOR),
  exponential: () => exponential(EXPONENTIAL_END),
  'one-cycle': () => oneCycle(),
  polynomial: () => polynomial(POLYNOMIAL_POWER),
  plateau: () => plateau(PLATEAU_PATIENCE, FACTOR),
};

export function scheduleOf(settings: Pick<TrainStep, 'schedule' | 'warmUp'>, total: number): Schedule {
  const schedule = SCHEDULES[settings.schedule](total);
  return settings.warmUp === 0 ? schedule : warmUp(settings.warmUp, schedule);
}
