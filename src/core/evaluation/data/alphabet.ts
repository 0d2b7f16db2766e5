import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../../errors';
import { readingError } from '../../formats/file-errors';

/** Unicode has some 150,000 characters. */
const LARGEST_BYTES = 4 * 1000 ** 2;

/**
 * The characters that a model writes, one a line, in the order of its outputs after the blank.
 * @throws EdgewiseError `not-found`, `bad-recipe` for files without any
 */
export async function readAlphabet(file: string): Promise<readonly string[]> {
  const name = path.basename(file);
  let text: string;
  try {
    if ((await stat(file)).size > LARGEST_BYTES) throw noAlphabet(name);
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw EdgewiseError.is(error) ? error : readingError(name, error);
  }
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.every((line) => line === '')) throw noAlphabet(name);
  return lines;
}

function noAlphabet(name: string): EdgewiseError {
  const sentence = `"${name}" is no alphabet. Name a text file with one character a line with data.alphabet.`;
  return new EdgewiseError('bad-recipe', sentence, { file: name });
}
