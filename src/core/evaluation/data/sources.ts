import path from 'node:path';
import type { DataSource } from '../../recipe/recipe.schema';
import { headOf } from './bytes';
import { badData } from './complaint';
import { idx } from './idx';
import { imageFolder } from './image-folder';
import { npyFile } from './npy-file';
import { npz } from './npz';
import { prepare, type PreparedSet } from './prepared-set';
import { randomSet } from './random-values';
import type { InputTarget, SourceKind } from './raw-set';

/** Every kind of source; the first that recognizes a file opens it. */
const SOURCE_KINDS: readonly SourceKind[] = [npz, npyFile, idx, imageFolder];

export interface OpenOptions {
  /** The folder that paths are relative to. */
  readonly base: string;
  readonly targets: readonly InputTarget[];
  readonly classNames: readonly string[] | null;
  readonly seed: number;
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
    const targets = options.targets.map((target) => ({ ...target, section: null }));
    return prepare(randomSet(source.random, targets, options.seed), targets, name);
  }
  const file = path.resolve(options.base, name);
  const kind = await kindOf(file, name);
  const labels = typeof source === 'string' ? undefined : source.labels;
  const raw = await kind.open({
    path: file,
    name: path.basename(name) || name,
    labelsPath: labels === undefined ? null : path.resolve(options.base, labels),
    targets: options.targets,
    classNames: options.classNames,
  });
  try {
    return prepare(raw, options.targets, name);
  } catch (error) {
    await raw.close();
    throw error;
  }
}

async function kindOf(file: string, name: string): Promise<SourceKind> {
  const head = await headOf(file, name);
  const kind = SOURCE_KINDS.find((candidate) => candidate.recognizes(head));
  if (kind !== undefined) return kind;
  const known = SOURCE_KINDS.map(({ title }) => title).join(', ');
  throw badData(name, `"${name}" is no data that Edgewise reads. It reads ${known}.`);
}
