import { closeSync, openSync, readdirSync, readFileSync, readSync, fstatSync } from 'node:fs';
import path from 'node:path';
import { npz } from '../../core/data/files';

/** What the network reads of a file: bytes from its beginning and its end, 256 where there are none. */
const BEGINNING = 1024;
const END = 1024;
const PADDING = 256;
/** Both parts come from the first and the last block of this size, spaces around them cut. */
const BLOCK = 4096;
const SMALLEST_FILE = 64;
/** Of one type, so that the commonest does not decide the figures. */
const MOST_OF_A_TYPE = 60;

/** Types whose extension says what they are. */
const TYPES: Readonly<Record<string, string>> = {
  '.c': 'c',
  '.cc': 'cpp',
  '.css': 'css',
  '.csv': 'csv',
  '.gif': 'gif',
  '.go': 'go',
  '.gz': 'gzip',
  '.html': 'html',
  '.java': 'java',
  '.js': 'javascript',
  '.json': 'json',
  '.md': 'markdown',
  '.php': 'php',
  '.png': 'png',
  '.py': 'python',
  '.rb': 'ruby',
  '.sh': 'shell',
  '.svg': 'svg',
  '.ttf': 'ttf',
  '.ts': 'typescript',
  '.wasm': 'wasm',
  '.woff2': 'woff2',
  '.xml': 'xml',
  '.yaml': 'yaml',
  '.yml': 'yaml',
};

/**
 * Files below `folders` as Magika's network takes them, labelled by extension, as the bytes of an `.npz` with `bytes`
 * `[files, 2048]` and `labels`.
 * @param types the network's own order of types
 */
export function magikaFiles(folders: readonly string[], types: readonly string[]): { npz: Uint8Array; count: number } {
  const taken = new Map<string, number>();
  const rows: Int32Array[] = [];
  const labels: number[] = [];
  for (const folder of folders) {
    for (const file of filesBelow(folder)) {
      const type = file.endsWith('.d.ts') ? 'typescript' : TYPES[path.extname(file)];
      const label = type === undefined ? -1 : types.indexOf(type);
      if (type === undefined || label < 0 || (taken.get(type) ?? 0) >= MOST_OF_A_TYPE) continue;
      const row = featuresOf(file);
      if (row === null) continue;
      taken.set(type, (taken.get(type) ?? 0) + 1);
      rows.push(row);
      labels.push(label);
    }
  }
  const values = new Int32Array(rows.length * (BEGINNING + END));
  rows.forEach((row, index) => values.set(row, index * row.length));
  const arrays = {
    bytes: { shape: [rows.length, BEGINNING + END], values },
    labels: { shape: [rows.length], values: Int32Array.from(labels) },
  };
  return { npz: npz(arrays), count: rows.length };
}

/** In the order of their names, so that every run has the same ones. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function featuresOf(file: string): Int32Array | null {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size < SMALLEST_FILE) return null;
    const first = block(descriptor, 0, Math.min(BLOCK, size));
    const last = block(descriptor, Math.max(0, size - BLOCK), Math.min(BLOCK, size));
    const features = new Int32Array(BEGINNING + END).fill(PADDING);
    const beginning = first.subarray(first.findIndex((byte) => !isSpace(byte))).subarray(0, BEGINNING);
    const end = withoutTrailingSpace(last).subarray(-END);
    features.set(beginning);
    features.set(end, features.length - end.length);
    return features;
  } finally {
    closeSync(descriptor);
  }
}

function block(descriptor: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

function withoutTrailingSpace(bytes: Uint8Array): Uint8Array {
  let length = bytes.length;
  while (length > 0 && isSpace(bytes[length - 1] ?? 0)) length--;
  return bytes.subarray(0, length);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** The network's types, in the order of its outputs. */
export function magikaTypes(config: string): string[] {
  const { target_labels_space: types } = JSON.parse(readFileSync(config, 'utf8')) as { target_labels_space: string[] };
  return types;
}
