import { inferShapes } from '../../analysis/shapes';
import { EdgewiseError } from '../../errors';
import type { Model } from '../../model/model';
import type { DistilStep } from '../../recipe/train.schema';
import type { WeightedLoss } from '../losses/combined';
import { attentionTransfer, hint } from '../losses/distillation';
import { batchDims } from '../model-inputs';
import { valueNamed } from './named-value';
import type { TeacherModel } from './teacher-binding';

/** Two values that are to be alike. */
export interface BoundHint {
  readonly student: string;
  readonly teacher: string;
  readonly kind: 'hint' | 'attention';
  readonly weight: number;
  /** Of the teacher's value: `[batch, channels, ...]`. */
  readonly shape: readonly number[];
}

/** Stands for the batch where shapes of one sample are found; no layer of a network is likely to be as long. */
const ANY_BATCH = 1;

/**
 * Finds the values that a step's hints name, and checks that they can be compared.
 * @throws EdgewiseError `bad-recipe`, `unsupported`
 */
export function boundHints(step: DistilStep, teacher: TeacherModel, student: Model): BoundHint[] {
  if (step.hints.length === 0) return [];
  const theirs = shapesOf(teacher.model);
  const own = shapesOf(student);
  return step.hints.map(({ student: from, teacher: to, kind, weight }) => {
    const [left, right] = [
      valueNamed(student, from, 'student'),
      valueNamed(teacher.model, to, `teacher "${teacher.file}"`),
    ];
    const [mine, shape] = [own(left, from), theirs(right, to)];
    checkPositions(mine, shape, { student: from, teacher: to, kind });
    return { student: left, teacher: right, kind, weight, shape };
  });
}

/** The losses of hints; each is fed under the name that `hintName` gives. */
export function hintLosses(hints: readonly BoundHint[], random: () => number): WeightedLoss[] {
  return hints.map(({ student, kind, weight, shape }, index) => ({
    loss:
      kind === 'attention'
        ? attentionTransfer(student, hintName(index), shape)
        : hint({ student, teacher: hintName(index), teacherShape: shape, random }),
    weight,
  }));
}

export const hintName = (index: number): string => `hint.${index}`;

function shapesOf(model: Model): (value: string, named: string) => readonly number[] {
  const types = inferShapes(model, batchDims(model, ANY_BATCH));
  return (value, named) => {
    const type = types.get(value);
    const shape = type?.shape?.flatMap((length) => (typeof length === 'number' ? [length] : [])) ?? [];
    if (type?.shape?.length === shape.length && shape.length > 1 && type.dtype === 'float32') return shape;
    throw new EdgewiseError(
      'unsupported',
      `"${named}" is no float32 value of a known shape for each sample, so no hint can be about it. Name another layer.`,
    );
  };
}

function checkPositions(
  own: readonly number[],
  theirs: readonly number[],
  { student, teacher, kind }: Pick<BoundHint, 'student' | 'teacher' | 'kind'>,
): void {
  // Tokens have their features last, pictures their channels first: only those may differ.
  const channels = channelAxis(own.length);
  const rest = (shape: readonly number[]): string =>
    shape.filter((_, axis) => axis > 0 && axis !== (kind === 'attention' ? 1 : channels)).join(' x ');
  if (own.length === theirs.length && rest(own) === rest(theirs)) return;
  throw new EdgewiseError(
    'unsupported',
    `"${student}" of the student is ${own.slice(1).join(' x ')} a sample and "${teacher}" of the teacher ${theirs.slice(1).join(' x ')}: a hint needs the same positions, only channels may differ. Name layers of the same size.`,
  );
}

/** Which axis of a value holds channels or features. */
export const channelAxis = (rank: number): number => (rank === 3 ? 2 : 1);
