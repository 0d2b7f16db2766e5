import path from 'node:path';
import { EdgewiseError, messageOf } from '../errors';

/** How a sentence names a file: its base name in quotes. The whole path is in the error's `file`. */
export function quoted(file: string): string {
  return `"${path.basename(file) || file}"`;
}

/** Names inside a file are anyone's text: a sentence shows the beginning of long ones, on one line. */
const LONGEST_NAME = 100;

/** How a sentence names something in a file: a weight, a location. */
export function quotedName(name: string): string {
  const line = name.replace(/\p{Cc}/gu, ' ');
  return `"${line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME - 1)}…` : line}"`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The sentence for a failure of the file system while reading `file`. */
export function readingError(file: string, error: unknown): EdgewiseError {
  if (error instanceof EdgewiseError) return error;
  const details = { file, cause: error };
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new EdgewiseError('not-found', `There is no file ${quoted(file)}. Check the path.`, details);
    case 'EISDIR':
      return directoryError(file);
    case 'EACCES':
    case 'EPERM':
      return new EdgewiseError(
        'permission',
        `${quoted(file)} may not be read. Give yourself permission to read it, then try again.`,
        details,
      );
    case 'ENAMETOOLONG':
      return new EdgewiseError('not-found', 'The path is longer than this system allows. Check the path.', details);
    case 'ELOOP':
      return new EdgewiseError('not-found', `${quoted(file)} is a link that leads to itself. Check the path.`, details);
    default:
      return new EdgewiseError('not-found', `${quoted(file)} could not be read: ${messageOf(error)}.`, details);
  }
}

/** The sentence for a failure of the file system while writing `file`. */
export function writingError(file: string, error: unknown): EdgewiseError {
  if (error instanceof EdgewiseError) return error;
  const details = { file, cause: error };
  const folder = path.dirname(file);
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new EdgewiseError(
        'no-space',
        `There is not enough space in ${quoted(folder)} for ${quoted(file)}. Free some space, or write to another folder. Nothing was written.`,
        details,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new EdgewiseError(
        'permission',
        `${quoted(file)} cannot be written: the folder ${quoted(folder)} is read-only. Write to another folder. Nothing was written.`,
        details,
      );
    case 'ENOENT':
    case 'ENOTDIR':
      return new EdgewiseError(
        'not-found',
        `${quoted(file)} cannot be written: there is no folder ${quoted(folder)}. Make it, or write to another folder.`,
        details,
      );
    case 'ENAMETOOLONG':
      return new EdgewiseError('usage', `The name ${quoted(file)} is too long. Choose a shorter one.`, details);
    default:
      return new EdgewiseError(
        'internal',
        `${quoted(file)} could not be written: ${messageOf(error)}. Nothing was written.`,
        details,
      );
  }
}

export function directoryError(file: string): EdgewiseError {
  return new EdgewiseError('not-a-file', `${quoted(file)} is a folder. Name the model file inside it.`, { file });
}
