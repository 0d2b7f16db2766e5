import { badData } from './complaint';
import type { InputTarget } from './raw-set';

/** What people call the only array of samples when they do not name it after the model's input. */
const USUAL_NAMES = ['x', 'X', 'images', 'image', 'inputs', 'input', 'data', 'samples'];

export interface Match {
  /** Array by input. */
  readonly arrays: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/**
 * Which array feeds which input: by name; a model with one input also takes the array with a usual name, or the only
 * one there is.
 * @param names arrays that are not labels
 * @throws EdgewiseError `bad-data` listing what is there and what is wanted
 */
export function matchArrays(names: readonly string[], targets: readonly InputTarget[], file: string): Match {
  const missing = targets.filter((target) => !names.includes(target.name));
  const arrays = new Map(targets.map((target) => [target.name, target.name]));
  if (missing.length === 0) return { arrays, notes: [] };
  const usual = USUAL_NAMES.find((name) => names.includes(name)) ?? (names.length === 1 ? names[0] : undefined);
  const [only] = targets;
  if (targets.length === 1 && only !== undefined && usual !== undefined) {
    const note = `"${file}" has no array called ${only.name}: its array ${usual} feeds the model's input.`;
    return { arrays: new Map([[only.name, usual]]), notes: [note] };
  }
  const wanted = missing.map((target) => target.name).join(', ');
  const there = names.length === 0 ? 'no arrays of samples' : `the arrays ${names.join(', ')}`;
  throw badData(file, `"${file}" holds ${there}; the model's inputs need ${wanted}. Name the arrays after the inputs.`);
}

/**
 * The input that a source of one kind of sample feeds.
 * @throws EdgewiseError `bad-data` for models with several inputs
 */
export function onlyTarget(targets: readonly InputTarget[], file: string): InputTarget {
  const [target] = targets;
  if (target !== undefined && targets.length === 1) return target;
  const names = targets.map(({ name }) => name).join(', ');
  throw badData(
    file,
    `"${file}" feeds one input, and the model has ${names}. Use a .npz with an array for each input.`,
  );
}
