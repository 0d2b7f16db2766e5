import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EdgewiseError } from '../errors';
import { writingError } from '../formats/file-errors';
import { removeLeftovers, temporaryPrefix } from '../formats/leftovers';
import { encodeOnnx } from '../formats/onnx/encode';
import { writeOnnx } from '../formats/onnx/write';
import { encodeModel } from '../formats/onnx/write/encode-model';
import { inlineStorage } from '../formats/onnx/write/storage';
import type { Model } from '../model/model';
import { quietContext, type JobContext } from '../progress';
import { openSession, type Session, type SessionOptions } from './session';

/**
 * Bytes up to which a model is handed over from memory. Protobuf reads no message of 2 GiB, and beyond half of that the
 * copy costs more than a file, whose weights the runtime maps.
 */
const MOST_IN_MEMORY = 2 ** 30;

export interface ModelSessionOptions extends SessionOptions {
  /** Cancels the writing of a file. */
  readonly context?: JobContext;
  /** Larger models, in bytes, go by way of a file in the system's folder for temporary ones. Default: 1 GiB. */
  readonly mostInMemory?: number;
}

/**
 * Opens a graph that lies in no file: from memory, or from a temporary file with its weights beside it where it is too
 * large for that. The file is gone once the session is closed, or could not be opened.
 * @throws EdgewiseError `runtime` when ONNX Runtime cannot load it; `no-space`, `permission`, `cancelled`, `changed`
 */
export async function openSessionOf(model: Model, options: ModelSessionOptions = {}): Promise<Session> {
  const { context = quietContext(), mostInMemory = MOST_IN_MEMORY, ...rest } = options;
  const bytes = encodeModel(model, inlineStorage).byteLength;
  const quiet: JobContext = { signal: context.signal, progress: () => undefined };
  if (bytes <= mostInMemory) return openSession(await encodeOnnx(model, quiet), rest);
  const folder = await temporaryFolder();
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, 'model.onnx');
    await writeOnnx(model, file, { context: quiet, largest: 0 });
    return removingAtEnd(await openSession(file, { name: 'the model', ...rest }), remove);
  } catch (error) {
    await remove();
    throw EdgewiseError.is(error, 'no-space') ? noSpace(rest.name ?? 'the model', bytes, error) : error;
  }
}

function noSpace(name: string, bytes: number, cause: unknown): EdgewiseError {
  const size = `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return new EdgewiseError(
    'no-space',
    `Running ${name} needs ${size} in "${os.tmpdir()}", the folder for temporary files. Free some space there, or name another folder in the environment variable TMPDIR (TEMP on Windows).`,
    { cause },
  );
}

async function temporaryFolder(): Promise<string> {
  const beginning = path.join(os.tmpdir(), temporaryPrefix());
  await removeLeftovers(os.tmpdir());
  try {
    return await mkdtemp(beginning);
  } catch (error) {
    throw writingError(beginning, error);
  }
}

function removingAtEnd(session: Session, remove: () => Promise<void>): Session {
  const { inputs, outputs, threads, loadMs } = session;
  return {
    ...{ inputs, outputs, threads, loadMs },
    run: (feeds, fetch) => session.run(feeds, fetch),
    close: async () => {
      try {
        await session.close();
      } finally {
        await remove();
      }
    },
  };
}
