import { EdgewiseError } from '../../errors';

/** A sentence about a user's data. `file` is as the user named it. */
export function badData(file: string, sentence: string, cause?: unknown): EdgewiseError {
  return new EdgewiseError('bad-data', sentence, { file, cause });
}

/** "[1, 28, 28]", with "any" for what is free. */
export function shapeText(shape: readonly (number | null)[]): string {
  return `[${shape.map((dimension) => dimension ?? 'any').join(', ')}]`;
}

/** "1 sample", "2,500 samples" */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;
}
