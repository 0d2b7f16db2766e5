import path from 'node:path';
import { EdgewiseError } from '../errors';
import type { FormatId, Model } from '../model/model';
import { quoted } from './file-errors';
import { openFile } from './file-source';
import { foreignReason, HEAD_BYTES } from './foreign-files';
import type { Format } from './format';
import { onnxFormat } from './onnx';

/** Every format, the most common first. */
export const FORMATS: readonly Format[] = [onnxFormat];

/** @throws EdgewiseError `unsupported` for an id that no format has. */
export function formatOf(id: FormatId): Format {
  const format = FORMATS.find((candidate) => candidate.id === id);
  if (format === undefined) throw new EdgewiseError('unsupported', `There is no model format "${id}".`);
  return format;
}

/**
 * Reads a model's structure; weight bytes stay on disk.
 * @throws EdgewiseError with the file's name and what to do: `not-found`, `not-a-file`, `not-a-model`, `truncated`,
 * `malformed`, `unsupported`, `limit`, `changed`, `permission`.
 */
export async function readModel(file: string): Promise<Model> {
  await refuseForeignFile(file);
  return formatFor(file).read(file);
}

/** By extension; a file with another one is tried as the first format. */
function formatFor(file: string): Format {
  const extension = path.extname(file).toLowerCase();
  const byName = FORMATS.find((format) => format.extensions.includes(extension));
  const [first] = FORMATS;
  const format = byName ?? first;
  if (format === undefined) throw new EdgewiseError('internal', 'There are no model formats.');
  return format;
}

async function refuseForeignFile(file: string): Promise<void> {
  const source = await openFile(file);
  try {
    const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
    const reason = foreignReason(head);
    if (reason !== null) throw new EdgewiseError('not-a-model', `${quoted(file)} ${reason}`, { file });
  } finally {
    await source.close();
  }
}
