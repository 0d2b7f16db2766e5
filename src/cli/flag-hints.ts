import type { ErrorKind } from '../core/errors';

/** Flags that get around a failure, by its kind; core's sentences name none, since the editor shows them too. */
const HINTS: Partial<Record<ErrorKind, string>> = {
  exists: 'Give it with --output, or replace the file with --overwrite.',
  'no-space': 'Use --output to write elsewhere.',
};

/** The sentence to add on the command line; null where no flag helps. */
export function flagHint(kind: ErrorKind): string | null {
  return HINTS[kind] ?? null;
}
