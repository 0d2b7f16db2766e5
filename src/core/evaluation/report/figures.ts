import type { Measurement } from '../measurement.schema';

/** Numbers as sentences and tables show them. 1 KB = 1000 bytes; percent with a space before the sign. */

const PREFIXES = [
  { at: 1e12, sign: 'T' },
  { at: 1e9, sign: 'G' },
  { at: 1e6, sign: 'M' },
  { at: 1e3, sign: 'K' },
] as const;

/** Three significant digits with an SI prefix: "1.23 M", "705 K", "42". */
export function countText(count: number): string {
  // 999.5 K would be shown as "1000 K": the next prefix takes over where rounding to three digits does.
  const prefix = PREFIXES.find(({ at }) => count >= at * 0.9995);
  if (!prefix) return String(Math.round(count));
  return `${significant(count / prefix.at)} ${prefix.sign}`;
}

/** "705 KB", "4.71 MB", "512 B". */
export function bytesText(bytes: number): string {
  const text = countText(bytes);
  return text.includes(' ') ? `${text}B` : `${text} B`;
}

/** Kilobytes as a bare number for a column whose header carries the unit: "705.2". */
export function kilobytesText(bytes: number): string {
  return groupDigits((bytes / 1000).toFixed(1));
}

/** "10,000" */
export function integerText(value: number): string {
  return groupDigits(String(Math.round(value)));
}

/** More decimals than this say nothing that a data set could show. */
const MOST_DECIMALS = 4;

/** A share (0..1) in percent: "93.4 %". What is not quite all never reads as 100 %: "99.97 %". */
export function percentText(share: number, decimals = 1): string {
  const text = (share * 100).toFixed(decimals);
  if (share < 1 && Number(text) === 100 && decimals < MOST_DECIMALS) return percentText(share, decimals + 1);
  return `${text} %`;
}

/** Three significant digits, for errors and perplexities: "0.0213", "12.4", "1.2e-7". */
export function numberText(value: number, digits = 3): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(digits - 2);
  return String(Number(value.toPrecision(digits)));
}

/** What a model was judged by, in words: "accuracy", "mean IoU". */
export function judgedName({ metric, headline }: Pick<Measurement, 'metric' | 'headline'>): string {
  return headline?.name ?? (metric ?? 'accuracy').replaceAll('-', ' ');
}

/** A value of that: shares in percent, others as numbers; one decimal more shows what is close. */
export function judgedText({ headline }: Pick<Measurement, 'headline'>, value: number, decimals = 1): string {
  return headline?.unit === 'number' ? numberText(value, decimals + 2) : percentText(value, decimals);
}

/** "0.82 ms", "12.4 ms" */
export function millisecondsText(milliseconds: number): string {
  return `${significant(milliseconds)} ms`;
}

/** A factor of two figures in words: "3.3 times". */
export function timesText(factor: number): string {
  return `${factor < 100 ? factor.toFixed(1) : integerText(factor)} times`;
}

function significant(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function groupDigits(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, ',').replace(/\.(.*)$/, (rest) => rest.replaceAll(',', ''));
}
