import { inferShapes } from '../../analysis/shapes';
import { EdgewiseError } from '../../errors';
import type { Dimension, Model, Value } from '../../model/model';
import type { Tensor } from '../../runtime/tensor';
import { batchDims, fixedBatchOf } from '../model-inputs';

export interface TeacherModel {
  readonly model: Model;
  /** What sentences call it. */
  readonly file: string;
}

/** The inputs that a model is fed: those that are not initializers. */
export function fedInputs({ graph }: Model): readonly Value[] {
  return graph.inputs.filter(({ name }) => !graph.weights.has(name));
}

/**
 * Checks that a teacher can be shown what the student is shown, input by input in their order (names may differ), and
 * that both give as many scores a sample.
 * @returns the batch that the teacher is fixed to; null where it takes any number of samples
 * @throws EdgewiseError `unsupported`
 */
export function checkTeacher(teacher: TeacherModel, student: Model): number | null {
  const [theirs, own] = [fedInputs(teacher.model), fedInputs(student)];
  if (theirs.length !== own.length)
    refuse(
      teacher,
      `takes ${counted(theirs.length, 'input')} and the student ${own.length}. Inputs are bound in their order: use a teacher that takes what the student takes.`,
    );
  theirs.forEach((input, index) => {
    const mine = own[index];
    if (mine) checkInput(teacher, input, mine);
  });
  checkScores(teacher, student);
  return fixedBatchOf(teacher.model);
}

function checkInput(teacher: TeacherModel, theirs: Value, own: Value): void {
  if (theirs.type.dtype !== own.type.dtype)
    refuse(
      teacher,
      `takes ${theirs.type.dtype ?? 'no tensor'} as "${theirs.name}", and the student ${own.type.dtype ?? 'no tensor'} as "${own.name}". Use a teacher that takes what the student takes.`,
    );
  const [left, right] = [sampleShape(theirs), sampleShape(own)];
  if (left === null || right === null) return;
  const isSame = left.length === right.length && left.every((length, axis) => agrees(length, right[axis] ?? null));
  if (!isSame)
    refuse(
      teacher,
      `takes ${shapeText(left)} a sample as "${theirs.name}", and the student ${shapeText(right)} as "${own.name}". Use a teacher of the same input.`,
    );
}

function checkScores(teacher: TeacherModel, student: Model): void {
  const [theirs, own] = [teacher.model.graph.outputs[0], student.graph.outputs[0]];
  if (theirs && theirs.type.dtype !== null && theirs.type.dtype !== 'float32')
    refuse(teacher, `answers in ${theirs.type.dtype}, and a student learns from float32. Use its float32 form.`);
  const [left, right] = [scoresASample(theirs), scoresASample(own)];
  if (left === null || right === null || left === right) return;
  refuse(teacher, `gives ${left} values a sample and the student ${right}. Use a teacher of the same classes.`);
}

/** What a student's value holds for one sample; null where that is left open. */
export function valuesASample(student: Model, value: string): number | null {
  const shape = inferShapes(student, batchDims(student, 1)).get(value)?.shape;
  const lengths = shape?.flatMap((length) => (typeof length === 'number' ? [length] : [])) ?? [];
  return shape?.length === lengths.length ? lengths.slice(1).reduce((product, length) => product * length, 1) : null;
}

/**
 * Checks what a teacher has answered, where its file leaves that open.
 * @param answers `[samples, values]`
 * @throws EdgewiseError `unsupported` naming the teacher
 */
export function checkAnswers(answers: Tensor, values: number | null, file: string): void {
  const given = answers.shape[1] ?? 0;
  if (values === null || given === values) return;
  throw new EdgewiseError(
    'unsupported',
    `The teacher "${file}" gives ${given} values a sample and the student ${values}. Use a teacher of the same classes.`,
    { file },
  );
}

function scoresASample(output: Value | undefined): number | null {
  const shape = output && sampleShape(output);
  if (!shape?.every((length) => typeof length === 'number')) return null;
  return shape.reduce<number>((product, length) => product * (typeof length === 'number' ? length : 1), 1);
}

const sampleShape = ({ type }: Value): readonly Dimension[] | null => type.shape?.slice(1) ?? null;

/** Lengths that are left open agree with every number. */
const agrees = (left: Dimension, right: Dimension): boolean =>
  typeof left !== 'number' || typeof right !== 'number' || left === right;

const shapeText = (shape: readonly Dimension[]): string => shape.map((length) => length ?? '?').join(' x ') || '1';

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function refuse({ file }: TeacherModel, rest: string): never {
  throw new EdgewiseError('unsupported', `The teacher "${file}" ${rest}`, { file });
}
