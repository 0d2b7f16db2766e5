/** How numbers are shown: SI prefixes (1 KB = 1000 bytes), one place for every page. Exact values go to tooltips. */

/** A space that does not break a figure from its unit. */
const NBSP = '\u00a0';
const PREFIXES = ['', 'K', 'M', 'G', 'T'] as const;
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });

/** "1,234,567" */
export const exact = (value: number): string => grouped.format(value);

/** "1,234 layers", "1 layer" */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${exact(count)}${NBSP}${count === 1 ? one : many}`;

/** "175 K", "20.4 M", "512" */
export function si(value: number): string {
  const [figure, prefix] = scaled(value);
  return prefix === '' ? figure : `${figure}${NBSP}${prefix}`;
}

/** "4.7 KB", "705 KB", "12 B" */
export function bytes(value: number): string {
  const [figure, prefix] = scaled(value);
  return `${figure}${NBSP}${prefix}B`;
}

export const exactBytes = (value: number): string => `${exact(value)} bytes`;

function scaled(value: number): [figure: string, prefix: string] {
  let rest = value;
  for (const [index, prefix] of PREFIXES.entries()) {
    const figure = index === 0 ? String(Math.round(rest)) : threeDigits(rest);
    if (Math.abs(Number(figure)) < 1000 || index === PREFIXES.length - 1) return [figure, prefix];
    rest /= 1000;
  }
  return [String(value), ''];
}

/** One decimal below 100, none above: "4.7", "32.9", "705". */
function threeDigits(value: number): string {
  return Math.abs(value) < 99.95 ? value.toFixed(1) : String(Math.round(value));
}

export interface ByteUnit {
  label: 'B' | 'KB' | 'MB';
  bytes: number;
}

/** The unit of a whole column, so that its figures compare at a glance: KB below a total of 100 MB, then MB. */
export const columnUnit = (total: number): ByteUnit =>
  total < 100e6 ? { label: 'KB', bytes: 1e3 } : { label: 'MB', bytes: 1e6 };

/** A figure of such a column, without its unit: "36.5", "<0.1". */
export function inUnit(value: number, unit: ByteUnit): string {
  if (value === 0) return '0';
  const figure = value / unit.bytes;
  if (figure < 0.05) return '<0.1';
  return figure < 1000 ? figure.toFixed(1) : grouped.format(Math.round(figure));
}

/** Of a share 0..1: "93.4 %". Never rounds a share that is not whole to 0 or to 100. */
export function percent(share: number, decimals = 1): string {
  const step = 10 ** -decimals;
  const figure = share * 100;
  if (share > 0 && figure < step / 2) return `<${step.toFixed(decimals)}${NBSP}%`;
  if (share < 1 && figure > 100 - step / 2) return `>${(100 - step).toFixed(decimals)}${NBSP}%`;
  return `${figure.toFixed(decimals)}${NBSP}%`;
}

/** A difference of shares in percentage points, signed: "−0.1", "+0.3". */
export function points(difference: number): string {
  const figure = (Math.abs(difference) * 100).toFixed(1);
  if (figure === '0.0') return '0.0';
  return `${difference < 0 ? '−' : '+'}${figure}`;
}

/** "12.3 ms", "0.42 ms" */
export const milliseconds = (value: number): string => `${value < 1 ? value.toFixed(2) : threeDigits(value)}${NBSP}ms`;

/** Three significant digits, for weights: "0.0213", "1.2e-7". */
export function magnitude(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e4 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

/** "64 x 28 x 28"; unknown dimensions as "?". */
export const shape = (dimensions: readonly (number | string | null)[] | null): string =>
  dimensions === null ? 'unknown' : `[${dimensions.map((dimension) => dimension ?? '?').join(', ')}]`;

/** How many times smaller or faster: "3.3", "12". */
export const times = (factor: number): string => (factor < 9.95 ? factor.toFixed(1) : String(Math.round(factor)));
