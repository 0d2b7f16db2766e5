import { access, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '../model/model';

/**
 * The first free name for a file with the weights of the model at `file`: `digits.onnx.data`, `digits.onnx-2.data`…
 * A model names the file that it needs, so a new pair never shares a name with the one that it replaces: until the new
 * model has its name the old one is whole, and from then on the new one. A process that is ended just between the two
 * renames leaves such a file to no model. It is left there: nothing in it tells whether a model elsewhere needs it, so
 * removing it could cost weights, and it only costs space.
 */
export async function freeCompanion(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = `${file}${number === 1 ? '' : `-${number}`}.data`;
    if (!(await isThere(candidate))) return candidate;
  }
}

/**
 * The files beside a model that hold its weights and have the names that we give them; none where there is no model, or
 * none that can be read. Others may belong to other models as well.
 */
export async function companionsOf(file: string, read: (file: string) => Promise<Model>): Promise<string[]> {
  if (!(await isThere(file))) return [];
  const model = await read(file).catch(() => null);
  const beside = model?.files.slice(1).map((one) => one.path) ?? [];
  return beside.filter((one) => path.dirname(one) === path.dirname(file) && isOurName(one, file));
}

/** Removes what a replaced model needed, except files that are still used under whatever name. */
export async function removeCompanions(replaced: readonly string[], used: readonly string[]): Promise<void> {
  for (const file of replaced) {
    const still = await Promise.all(used.map((one) => isSameFile(one, file)));
    if (!still.includes(true)) await rm(file, { force: true }).catch(() => undefined);
  }
}

function isOurName(file: string, model: string): boolean {
  const name = path.basename(file);
  const stem = path.basename(model);
  return name.startsWith(stem) && /^(-\d+)?\.data$/.test(name.slice(stem.length));
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([stat(a).catch(() => null), stat(b).catch(() => null)]);
  return first !== null && second !== null && first.ino === second.ino && first.dev === second.dev;
}
