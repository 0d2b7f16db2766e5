import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '../../../model/model';
import { throwIfCancelled } from '../../../progress';
import { checkSpace, checkTarget } from '../../atomic-file';
import { freeCompanion, removeCompanions, companionsOf } from '../../companions';
import type { WriteOptions, WrittenFiles } from '../../format';
import { ModelSources } from '../../model-sources';
import { TemporaryFile } from '../../temporary-file';
import { readerOver } from '../../weight-reader';
import { MAX_MODEL_BYTES } from '../limits';
import { readOnnx } from '../read';
import { Emitter } from './emit';
import { encodeModel } from './encode-model';
import type { Part } from './message';
import { inlineStorage, SidecarStorage } from './storage';

/** One file to write: its name, and what it is made of. */
interface Plan {
  readonly path: string;
  readonly parts: readonly Part[];
  readonly byteLength: number;
}

/**
 * Writes a model as a new file. Weights that lay in a second file, or that would make the file larger than protobuf can
 * read, go to `NAME.onnx.data` beside it.
 * @throws EdgewiseError `exists`, `no-space`, `permission`, `cancelled`, `changed`; then nothing was written.
 */
export async function writeOnnx(
  model: Model,
  file: string,
  options: WriteOptions & Pick<Layout, 'largest'>,
): Promise<WrittenFiles> {
  const overwrite = options.overwrite ?? false;
  throwIfCancelled(options.context.signal);
  await checkTarget(file, overwrite);
  const plans = await planFiles(model, file, options);
  const bytes = plans.reduce((sum, plan) => sum + plan.byteLength, 0);
  await checkSpace(file, bytes);
  const sources = new ModelSources(model.files);
  try {
    await sources.checkFirst();
    const stage = `Writing ${path.basename(file)}`;
    const emitter = new Emitter(sources, readerOver(sources), options.context, stage, bytes);
    const replaced = overwrite ? await companionsOf(file, readOnnx) : [];
    await writeTogether(plans, overwrite, emitter, options.context.signal);
    await removeCompanions(
      replaced,
      [...plans, ...model.files].map((one) => one.path),
    );
  } finally {
    await sources.close();
  }
  return { paths: plans.map((plan) => plan.path), bytes };
}

/** How files are laid out. */
interface Layout {
  /** A file of more bytes is split. Default: what protobuf can read. */
  readonly largest?: number;
  readonly publishedAs?: string;
}

/** The model first, then the file with its weights where there is one: when one of `largest` bytes would not do. */
export async function planFiles(
  model: Model,
  file: string,
  { largest = MAX_MODEL_BYTES, publishedAs = file }: Layout = {},
): Promise<Plan[]> {
  if (model.files.length <= 1) {
    const message = encodeModel(model, inlineStorage);
    if (message.byteLength <= largest) {
      return [{ path: file, parts: message.parts, byteLength: message.byteLength }];
    }
  }
  // Also when the model is replaced: until the new one has its name, the old one needs its own weights.
  const sidecar = path.join(path.dirname(file), path.basename(await freeCompanion(publishedAs)));
  const storage = new SidecarStorage(path.basename(sidecar));
  const message = encodeModel(model, storage);
  const plan = { path: file, parts: message.parts, byteLength: message.byteLength };
  if (storage.byteLength === 0) return [plan];
  return [plan, { path: sidecar, parts: storage.parts, byteLength: storage.byteLength }];
}

/** All files are complete on the disk before the first gets its name; the model gets its name last. */
async function writeTogether(
  plans: readonly Plan[],
  overwrite: boolean,
  emitter: Emitter,
  signal: AbortSignal,
): Promise<void> {
  const written: TemporaryFile[] = [];
  const published: TemporaryFile[] = [];
  try {
    for (const plan of plans) {
      const temporary = await TemporaryFile.create(plan.path);
      written.unshift(temporary);
      await emitter.emit(plan.parts, temporary.sink);
      await temporary.complete();
    }
    throwIfCancelled(signal);
    for (const temporary of written) {
      await temporary.publish(overwrite && temporary.target === plans[0]?.path);
      published.push(temporary);
    }
  } catch (error) {
    for (const temporary of published) await rm(temporary.target, { force: true });
    throw error;
  } finally {
    for (const temporary of written) await temporary.discard();
  }
}
