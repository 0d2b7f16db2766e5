import type { DataSource } from './recipe.schema';

/**
 * Data as one text, for flags and reports: `digits.npz`, `photos/`, `images.idx,labels.idx`, `digits.npz:500` (at most
 * 500 samples), `random:200`.
 * @param isFile true for a path that exists: such a text is a path as it stands, whatever signs are in it
 */
export function parseDataText(text: string, isFile: (path: string) => boolean = () => false): DataSource {
  if (isFile(text)) return text;
  const random = /^random:([1-9]\d{0,8})$/.exec(text);
  if (random) return { random: Number(random[1]) };
  const limited = /^(.+):([1-9]\d{0,8})$/.exec(text);
  const limit = limited ? Number(limited[2]) : undefined;
  const rest = limited?.[1] ?? text;
  const comma = isFile(rest) ? -1 : rest.indexOf(',');
  const path = comma > 0 ? rest.slice(0, comma) : rest;
  const labels = comma > 0 ? rest.slice(comma + 1) : '';
  if (labels === '' && limit === undefined) return path;
  return { path, ...(labels === '' ? {} : { labels }), ...(limit === undefined ? {} : { limit }) };
}

/** The same text back. */
export function dataText(source: DataSource): string {
  if (typeof source === 'string') return source;
  if ('random' in source) return `random:${source.random}`;
  const labels = source.labels === undefined ? '' : `,${source.labels}`;
  return `${source.path}${labels}${source.limit === undefined ? '' : `:${source.limit}`}`;
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
