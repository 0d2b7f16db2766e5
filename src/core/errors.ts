/**
 * What went wrong, as a kind that code can branch on. The message speaks to the user; never match on it.
 */
export type ErrorKind =
  | 'not-found'
  | 'not-a-file'
  | 'not-a-model'
  | 'truncated'
  | 'malformed'
  | 'unsupported'
  | 'limit'
  | 'changed'
  | 'permission'
  | 'no-space'
  | 'exists'
  | 'bad-data'
  | 'bad-recipe'
  | 'usage'
  | 'target-missed'
  | 'cancelled'
  | 'runtime'
  | 'engine'
  | 'internal';

export interface ErrorDetails {
  /** The file that the sentence is about, as the user would name it. */
  file?: string;
  cause?: unknown;
}

/** The one error class of the core: a kind, and one sentence that says what is wrong, where, and what to do. */
export class EdgewiseError extends Error {
  readonly kind: ErrorKind;
  readonly file: string | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'EdgewiseError';
    this.kind = kind;
    this.file = details.file;
  }

  static is(error: unknown, kind?: ErrorKind): error is EdgewiseError {
    return error instanceof EdgewiseError && (kind === undefined || error.kind === kind);
  }
}

/** A sentence for anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
