import * as z from 'zod';
import { numberFlag, usage } from './flag-values';

// "conv2=layer3,kind=attention,weight=0.5": the student's value, the teacher's, and what is not usual. A backslash keeps
// an equals sign or a comma that is part of a name.

const OPTIONS = ['kind', 'weight'];

/** @throws EdgewiseError `usage` */
export function hintOf(text: string): object {
  const [names = [], ...options] = partsOf(text);
  const [student = '', teacher = '', ...more] = names;
  const known = options.every(([name = '', , ...rest]) => OPTIONS.includes(name) && rest.length === 0);
  if (student === '' || teacher === '' || more.length > 0 || !known)
    throw usage(`--hint is '${text}'; give a value of the student and one of the teacher, as in --hint conv2=layer3.`);
  const given = new Map(options.map(([name = '', value]) => [name, value]));
  const kind = given.get('kind');
  const weight = numberFlag('--hint weight', given.get('weight'));
  return { student, teacher, ...(kind === undefined ? {} : { kind }), ...(weight === undefined ? {} : { weight }) };
}

const hintSchema = z.object({ student: z.string(), teacher: z.string(), kind: z.string(), weight: z.number() });

export function hintText(hint: unknown): string {
  const { student, teacher, kind, weight } = hintSchema.parse(hint);
  const more = [...(kind === 'hint' ? [] : [`kind=${kind}`]), ...(weight === 1 ? [] : [`weight=${weight}`])];
  return [`${kept(student)}=${kept(teacher)}`, ...more].join(',');
}

export const kept = (name: string): string => name.replace(/[\\,=]/g, (sign) => `\\${sign}`);

/** Parts between commas, and those of each between equals signs. */
export function partsOf(text: string): string[][] {
  const parts = [['']];
  const signs = [...text];
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at] ?? '';
    const part = parts[parts.length - 1] ?? [];
    if (sign === ',') parts.push(['']);
    else if (sign === '=') part.push('');
    else part[part.length - 1] += sign === '\\' ? (signs[++at] ?? '') : sign;
  }
  return parts;
}
