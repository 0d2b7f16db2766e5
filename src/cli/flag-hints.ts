import type { ErrorKind } from '../core/errors';

/** Flags that get around a failure, by its kind; core's sentences name none, since the editor shows them too. */
const HINTS: Partial<Record<ErrorKind, string>> = {
  exists: 'Use --output for another name, or --overwrite to replace it.',
  'no-space': 'Use --output to write elsewhere.',
};

/** The sentence to add on the command line; null where no flag helps. */
export function flagHint(kind: ErrorKind): string | null {
  return HINTS[kind] ?? null;
}
