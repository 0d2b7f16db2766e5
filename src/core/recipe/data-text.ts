import { dropUndefined } from './flag-values';
import type { DataSource } from './recipe.schema';

/**
 * Data as one text, for flags and reports: `digits.npz`, `photos/`, `images.idx,labels.idx`, `iris.csv#species` (its
 * column of labels), `digits.npz:500` (at most 500 samples), `random:200`.
 * @param isFile true for a path that exists: such a text is a path as it stands, whatever signs are in it
 */
export function parseDataText(text: string, isFile: (path: string) => boolean = () => false): DataSource {
  if (isFile(text)) return text;
  const random = /^random:([1-9]\d{0,8})$/.exec(text);
  if (random) return { random: Number(random[1]) };
  const limited = /^(.+):([1-9]\d{0,8})$/.exec(text);
  const limit = limited ? Number(limited[2]) : undefined;
  const [rest, label] = splitAt(limited?.[1] ?? text, '#', isFile);
  const [path, labels] = splitAt(rest, ',', isFile);
  return [labels, label, limit].every((part) => part === undefined)
    ? path
    : { path, ...dropUndefined({ labels, label, limit }) };
}

/** A path, and what follows a sign that is not of its name. */
function splitAt(text: string, sign: string, isFile: (path: string) => boolean): [string, string | undefined] {
  const at = isFile(text) ? -1 : text.indexOf(sign);
  const rest = text.slice(at + 1);
  return at > 0 && rest !== '' ? [text.slice(0, at), rest] : [text, undefined];
}

/** The same text back. */
export function dataText(source: DataSource): string {
  if (typeof source === 'string') return source;
  if ('random' in source) return `random:${source.random}`;
  const labels = source.labels === undefined ? '' : `,${source.labels}`;
  const label = source.label === undefined ? '' : `#${source.label}`;
  return `${source.path}${labels}${label}${source.limit === undefined ? '' : `:${source.limit}`}`;
}

/** Every path of a source passed through `change`. */
export function mapPaths(source: DataSource, change: (path: string) => string): DataSource {
  if (typeof source === 'string') return change(source);
  if ('random' in source) return source;
  return {
    ...source,
    path: change(source.path),
    ...(source.labels === undefined ? {} : { labels: change(source.labels) }),
  };
}
