import type { Bubble } from './bubbles';
import type { Report } from './report-types';

const NAME_LENGTH = 20;

/** What a recipe calls its own original where it names a teacher. */
const SELF = 'self';

/**
 * Every model whose figures a report knows, where they were judged: the original, this one, its teachers, and others of
 * the same source.
 */
export function modelsOf(report: Report): Bubble[] {
  const { before, after, others, teachers = [], source, output } = report;
  const original = fileName(source);
  const compressed = fileName(output ?? source);
  const label = isTaughtByOriginal(report) ? 'original and teacher' : 'original';
  const all = [
    { ...before, name: original, label, kind: 'before' as const },
    { ...after, name: compressed, label: shortName(compressed, original) || 'compressed', kind: 'after' as const },
    ...teachers.map((teacher) => ({ ...teacher, label: 'teacher', kind: 'teacher' as const })),
    ...others.map((other) => ({ ...other, label: shortName(other.name, original), kind: 'other' as const })),
  ];
  return all.flatMap(({ name, label, kind, value, parameters, bytes }) =>
    value === null ? [] : [{ name, label, kind, value, parameters, bytes }],
  );
}

/** What tells a reader of a table which model a row is. */
export const ROLES: Readonly<Record<Bubble['kind'], string>> = {
  before: ' (original)',
  after: ' (this report)',
  teacher: ' (teacher)',
  other: '',
};

function isTaughtByOriginal({ recipe, source }: Report): boolean {
  return recipe.steps
    .flatMap(({ distil }) => distil?.teacher ?? [])
    .some((teacher) => teacher === SELF || teacher === source);
}

export const fileName = (path: string): string => path.split('/').at(-1) ?? path;

/** What tells a model from the original: "int8" of "resnet14.int8.onnx". */
function shortName(name: string, original: string): string {
  const stem = (file: string): string => file.replace(/\.\w+$/, '');
  const own = stem(fileName(name));
  const common = `${stem(original)}.`;
  return shortened(own.startsWith(common) ? own.slice(common.length) : own === stem(original) ? '' : own);
}

export const shortened = (name: string): string =>
  name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name;
