import { EdgewiseError } from '../errors';

/** Bytes a unit; 1 KB is 1000 bytes, as everywhere. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
]);

/** A number, or a fraction of two ("1/255"). @throws EdgewiseError `usage` naming the flag */
export function numberFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parts = text.split('/');
  const [first, second] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  const value = (first ?? NaN) / (parts.length === 1 ? 1 : (second ?? NaN));
  if (parts.length > 2 || !Number.isFinite(value)) throw usage(`${flag} is '${text}'; give a number.`);
  return value;
}

/** Bytes: "200KB", "1.5 MB", "60000". @throws EdgewiseError `usage` naming the flag */
export function bytesFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?) ?([KMG]?B?)$/i.exec(text.trim());
  const unit = UNITS.get((match?.[2] ?? '?').toUpperCase());
  const bytes = Math.floor(Number(match?.[1]) * (unit ?? NaN));
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw usage(`${flag} is '${text}'; give bytes, as in ${flag} 200KB or ${flag} 1.5MB.`);
  return bytes;
}

/** The shortest text that `bytesFlag` reads back as the same number. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of [...UNITS].reverse()) if (bytes % size === 0) return `${bytes / size}${unit}`;
  return String(bytes);
}

/** Numbers separated by commas, or one alone. */
export function listFlag(flag: string, text: string | undefined): number | number[] | undefined {
  if (text === undefined || !text.includes(',')) return numberFlag(flag, text);
  return text.split(',').map((part) => numberFlag(flag, part) ?? 0);
}

/** Names separated by commas; a backslash keeps the sign behind it: "cat,owl\\, barn". */
export function namesFlag(text: string): string[] {
  const names = [''];
  const signs = [...text];
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at] ?? '';
    if (sign === ',') names.push('');
    else names[names.length - 1] += sign === '\\' ? (signs[++at] ?? '') : sign;
  }
  return names;
}

/** The text that `namesFlag` reads back as the same names. */
export function namesText(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\,]/g, (sign) => `\\${sign}`)).join(',');
}

/** The fields that have a value. */
export function dropUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in value) {
    const one = value[key];
    if (isDefined(one)) kept[key] = one;
  }
  return kept;
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}

export function usage(sentence: string): EdgewiseError {
  return new EdgewiseError('usage', sentence);
}
