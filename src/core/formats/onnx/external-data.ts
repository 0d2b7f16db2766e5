import path from 'node:path';
import { EdgewiseError } from '../../errors';
import type { ModelFile } from '../../model/model';
import { openFile } from '../file-source';
import { quoted, quotedName } from '../file-errors';
import type { StringEntry } from './schema';

interface Claim {
  readonly weight: string;
  readonly end: number;
}

/** The files beside a model that hold weights. Locations are collected first, then checked against the disk. */
export class ExternalFiles {
  private readonly claims = new Map<string, Claim>();
  private readonly indices = new Map<string, number>();

  constructor(private readonly modelPath: string) {}

  /**
   * The range that `external_data` entries name; `length` is taken where the entries have none.
   * @throws EdgewiseError `malformed` when the location leaves the model's folder or the numbers are none.
   */
  locate(weight: string, entries: readonly StringEntry[], length: number): { file: number; offset: number } {
    const byKey = new Map(entries.map((entry) => [entry.key, entry.value]));
    const location = this.checkedLocation(weight, byKey.get('location') ?? '');
    const offset = this.integer(weight, byKey.get('offset') ?? '0');
    const stated = byKey.get('length');
    if (stated !== undefined && this.integer(weight, stated) !== length) {
      throw this.refuse(`the weight ${quotedName(weight)} needs ${length} bytes, its entry says ${quotedName(stated)}`);
    }
    const file = this.indices.get(location) ?? this.indices.size + 1;
    this.indices.set(location, file);
    const claim = this.claims.get(location);
    if (claim === undefined || claim.end < offset + length) {
      this.claims.set(location, { weight, end: offset + length });
    }
    return { file, offset };
  }

  /** Opens each file once and checks that every range lies inside. */
  async check(): Promise<ModelFile[]> {
    const files: ModelFile[] = [];
    for (const location of this.indices.keys()) {
      const file = await this.stat(location);
      const claim = this.claims.get(location);
      if (claim !== undefined && claim.end > file.size) {
        throw new EdgewiseError(
          'truncated',
          `${quoted(file.path)} ends early: the weight ${quotedName(claim.weight)} reaches to byte ${claim.end}, the file has ${file.size}. Copy or download it again with ${quoted(this.modelPath)}.`,
          { file: file.path },
        );
      }
      files.push(file);
    }
    return files;
  }

  private async stat(location: string): Promise<ModelFile> {
    const file = path.join(path.dirname(this.modelPath), location);
    try {
      const source = await openFile(file);
      await source.close();
      return { path: file, size: source.size, identity: source.identity };
    } catch (error) {
      if (EdgewiseError.is(error, 'not-a-file'))
        throw this.refuse(
          `it keeps weights in ${quotedName(location)}, which is no ordinary file; copy the file with the weights there`,
        );
      if (!EdgewiseError.is(error, 'not-found')) throw error;
      throw new EdgewiseError(
        'not-found',
        `${quoted(this.modelPath)} keeps weights in a second file, ${quotedName(location)}, which is not beside it. Copy that file into the same folder, then try again.`,
        { file, cause: error },
      );
    }
  }

  /** Lexical on purpose: a link beside the model is the user's own doing and is followed. */
  private checkedLocation(weight: string, location: string): string {
    if (location === '') throw this.refuse(`the weight ${quotedName(weight)} does not say which file it lies in`);
    const parts = location.split(/[/\\]/);
    const absolute = path.posix.isAbsolute(location) || path.win32.isAbsolute(location) || /^[A-Za-z]:/.test(location);
    if (absolute || parts.includes('..') || location.includes('\0')) {
      throw this.refuse(
        `the weight ${quotedName(weight)} points to ${quotedName(location)}, outside the model's folder, and such a path is never followed; export it with its weights beside it`,
      );
    }
    return path.posix.normalize(parts.join('/'));
  }

  private integer(weight: string, text: string): number {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw this.refuse(`the weight ${quotedName(weight)} has ${quotedName(text)} as a position in its file`);
  }

  private refuse(what: string): EdgewiseError {
    return new EdgewiseError('malformed', `${quoted(this.modelPath)} cannot be opened: ${what}.`, {
      file: this.modelPath,
    });
  }
}
