import { EdgewiseError } from '../core/errors';

/**
 * `batch=1` texts as values for symbolic dimensions.
 * @throws EdgewiseError `usage`
 */
export function parseDims(texts: readonly string[]): Record<string, number> {
  return Object.fromEntries(texts.map(parseDim));
}

function parseDim(text: string): [string, number] {
  const match = /^(.+)=([1-9]\d{0,15})$/.exec(text);
  if (match?.[1] === undefined || !Number.isSafeInteger(Number(match[2])))
    throw new EdgewiseError('usage', `--dim is '${text}'; give a dimension and its value, as in --dim batch=1.`);
  return [match[1], Number(match[2])];
}
