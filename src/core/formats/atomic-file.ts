import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import type { ByteSink } from './byte-sink';
import { directoryError, quoted } from './file-errors';
import { existsError, TemporaryFile } from './temporary-file';

export interface NewFileOptions {
  /** Replace a file of that name; otherwise that is an error. */
  overwrite?: boolean;
  /** Bytes that will be written, when they are known: checked against the free space before anything is written. */
  byteLength?: number;
}

/**
 * Writes a file that appears whole under its name, or not at all: temporary name beside it, sync, rename.
 * @throws EdgewiseError `exists`, `no-space`, `permission`, `not-found` when the folder is missing; what `write` throws.
 */
export async function writeNewFile(
  file: string,
  options: NewFileOptions,
  write: (sink: ByteSink) => Promise<void>,
): Promise<void> {
  await checkTarget(file, options.overwrite ?? false);
  if (options.byteLength !== undefined) await checkSpace(file, options.byteLength);
  const temporary = await TemporaryFile.create(file);
  try {
    await write(temporary.sink);
    await temporary.complete();
    await temporary.publish(options.overwrite ?? false);
  } finally {
    await temporary.discard();
  }
}

/** @throws EdgewiseError `exists` when the name is taken and must not be replaced, `not-a-file` when it is a folder. */
export async function checkTarget(file: string, overwrite: boolean): Promise<void> {
  const stats = await stat(file).catch(() => null);
  if (stats?.isDirectory()) throw directoryError(file);
  if (stats !== null && !overwrite) throw existsError(file);
}

/** Bytes that may still be written into a folder; null where the system does not say. */
export type FreeSpace = (folder: string) => Promise<number | null>;

export const freeSpace: FreeSpace = async (folder) => {
  const stats = await statfs(folder).catch(() => null);
  return stats === null ? null : stats.bavail * stats.bsize;
};

/** @throws EdgewiseError `no-space` when `byteLength` bytes do not fit beside what is there. */
export async function checkSpace(file: string, byteLength: number, free: FreeSpace = freeSpace): Promise<void> {
  const folder = path.dirname(file);
  const available = await free(folder);
  if (available === null || available >= byteLength) return;
  throw new EdgewiseError(
    'no-space',
    `${quoted(file)} needs ${sizeText(byteLength)}, and the disk has ${sizeText(available)} left. Free some space, or write to another folder. Nothing was written.`,
    { file },
  );
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Endings that belong together: a number goes before them. */
const COMPOUND_ENDINGS = ['.edgewise.json', '.edgewise.yaml', '.edgewise.html'];

/** The path itself when nothing has that name, otherwise the first free of `digits.int8-2.onnx`, `digits.int8-3.onnx`… */
export async function freeName(file: string): Promise<string> {
  const ending = COMPOUND_ENDINGS.find((candidate) => file.endsWith(candidate)) ?? path.extname(file);
  const stem = file.slice(0, file.length - ending.length);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? file : `${stem}-${number}${ending}`;
    if (!(await isTaken(candidate))) return candidate;
  }
}

async function isTaken(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
