import path from 'node:path';
import type { DataSource } from '../../recipe/recipe.schema';
import { headOf } from './bytes';
import { coco } from './coco';
import { badData } from './complaint';
import { csv } from './csv';
import { idx } from './idx';
import { folderByClass } from './folder';
import { jsonLines } from './json-lines';
import { npyFile } from './npy-file';
import { npz } from './npz';
import { parquet } from './parquet';
import { prepare, type PreparedSet } from './prepared-set';
import { randomSet } from './random-values';
import type { InputTarget, RawSet, SourceKind } from './raw-set';
import { wavFile } from './wav-file';

/** Every kind of source; the first that recognizes a file opens it. */
const SOURCE_KINDS: readonly SourceKind[] = [npz, npyFile, parquet, wavFile, folderByClass, csv, jsonLines, coco, idx];

export interface OpenOptions {
  /** The folder that paths are relative to. */
  readonly base: string;
  readonly targets: readonly InputTarget[];
  readonly classNames: readonly string[] | null;
  readonly statedClasses: readonly string[] | null;
  readonly seed: number;
  /** Characters that the model writes; null where labels are classes. */
  readonly alphabet: readonly string[] | null;
  /** Added to each label. */
  readonly labelOffset: number;
}

/** How the user names a source. */
export function sourceName(source: DataSource): string {
  if (typeof source === 'string') return source;
  return 'random' in source ? 'random' : source.path;
}

/**
 * Opens a source for a model's inputs.
 * @throws EdgewiseError `not-found`, `bad-data`, `bad-recipe`: which file, and what is wrong
 */
export async function openSource(source: DataSource, options: OpenOptions): Promise<PreparedSet> {
  const name = sourceName(source);
  if (typeof source !== 'string' && 'random' in source) {
    // What the recipe declares is for real values.
    const targets = options.targets.map((target) => ({
      name: target.name,
      dtype: target.dtype,
      shape: target.shape,
      section: null,
    }));
    return prepare(randomSet(source.random, targets, options.seed), targets, name);
  }
  const file = path.resolve(options.base, name);
  const kind = await kindOf(file, name);
  const { labels, label } = typeof source === 'string' ? {} : source;
  const raw = await kind.open({
    path: file,
    name: path.basename(name) || name,
    labelsPath: labels === undefined ? null : path.resolve(options.base, labels),
    labelColumn: label ?? null,
    alphabet: options.alphabet,
    resolve: (named) => path.resolve(options.base, named),
    targets: options.targets,
    classNames: options.classNames,
    statedClasses: options.statedClasses,
  });
  try {
    return prepare(shifted(raw, options.labelOffset), options.targets, name);
  } catch (error) {
    await raw.close();
    throw error;
  }
}

/** Class numbers as the model counts, where its first classes are none of the data's. */
function shifted(raw: RawSet, offset: number): RawSet {
  return offset === 0 || raw.labels === null
    ? raw
    : { ...raw, labels: raw.labels.map((label) => label + offset), classNames: null };
}

async function kindOf(file: string, name: string): Promise<SourceKind> {
  const head = await headOf(file, name);
  const kind = SOURCE_KINDS.find((candidate) => candidate.recognizes(head, name));
  if (kind !== undefined) return kind;
  const known = SOURCE_KINDS.map(({ title }) => title).join(', ');
  throw badData(name, `"${name}" is no data that Edgewise reads. It reads ${known}.`);
}
