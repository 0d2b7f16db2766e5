import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { onnxRuntime } from '../runtime/onnxruntime';
import { defaultThreads } from '../runtime/threads';
import { formFile, type FormStore } from '../training/forms';
import { resumeFile } from './resume-file';

/**
 * Forms of computations that were timed on this processor with this runtime and so many threads: a recipe that is run
 * again gives the same numbers. Undefined where there is no place to keep them.
 */
export async function knownForms(threads = defaultThreads()): Promise<FormStore | undefined> {
  const { env } = await onnxRuntime();
  const machine = createHash('sha256')
    .update(JSON.stringify([cpus()[0]?.model, process.arch, env.versions, threads]))
    .digest('hex');
  const path = await resumeFile(machine, 'forms.json');
  return path === undefined ? undefined : formFile(path);
}
