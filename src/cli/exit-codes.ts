import { EdgewiseError, type ErrorKind } from '../core/errors';

export const EXIT = { done: 0, failed: 1, usage: 2, targetMissed: 3 } as const;

/** Kinds of errors that are about what was asked for, not about what was found. */
const USAGE: readonly ErrorKind[] = ['usage', 'bad-recipe'];

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof EdgewiseError)) return EXIT.failed;
  if (error.kind === 'target-missed') return EXIT.targetMissed;
  return USAGE.includes(error.kind) ? EXIT.usage : EXIT.failed;
}
