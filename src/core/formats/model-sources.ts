import { EdgewiseError } from '../errors';
import type { ModelFile } from '../model/model';
import type { ByteSource } from './byte-source';
import { quoted } from './file-errors';
import { openFile } from './file-source';

/** Some exporters write one file a weight; systems allow about a thousand open files. */
const MAX_OPEN_FILES = 64;

/** The files of a model, opened when they are first read from, and only as long as they are what was read. */
export class ModelSources {
  private readonly open = new Map<number, Promise<ByteSource>>();
  private readonly busy = new Map<number, number>();

  constructor(private readonly files: readonly ModelFile[]) {}

  /** Opens the first file, so that a missing or changed model is told before work starts. */
  async checkFirst(): Promise<void> {
    if (this.files.length > 0) await this.source(0);
  }

  /** Fills `target` from `offset` of a file. */
  async read(file: number, offset: number, target: Uint8Array): Promise<void> {
    if (target.byteLength === 0) return;
    this.busy.set(file, (this.busy.get(file) ?? 0) + 1);
    try {
      const source = await this.source(file);
      await source.read(offset, target.byteLength, target);
    } finally {
      this.busy.set(file, (this.busy.get(file) ?? 1) - 1);
    }
  }

  async close(): Promise<void> {
    const opened = [...this.open.values()];
    this.open.clear();
    for (const source of opened) await source.then((ready) => ready.close()).catch(() => undefined);
  }

  private async source(index: number): Promise<ByteSource> {
    const known = this.open.get(index);
    if (known !== undefined) return known;
    const file = this.files[index];
    if (file === undefined) throw new EdgewiseError('internal', 'A weight names a file that its model does not have.');
    const opening = openAsRead(file);
    this.open.set(index, opening);
    opening.catch(() => this.open.delete(index));
    await this.closeIdle(index);
    return opening;
  }

  private async closeIdle(except: number): Promise<void> {
    for (const [index, source] of this.open) {
      if (this.open.size <= MAX_OPEN_FILES) return;
      if (index === except || (this.busy.get(index) ?? 0) > 0) continue;
      this.open.delete(index);
      await source.then((ready) => ready.close()).catch(() => undefined);
    }
  }
}

async function openAsRead(file: ModelFile): Promise<ByteSource> {
  const source = await openFile(file.path);
  if (source.identity === file.identity) return source;
  await source.close();
  throw new EdgewiseError(
    'changed',
    `${quoted(file.path)} has changed since it was opened. Open it again, then repeat the step.`,
    { file: file.path },
  );
}
