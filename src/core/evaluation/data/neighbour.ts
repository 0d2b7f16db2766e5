import { access } from 'node:fs/promises';
import path from 'node:path';

/** The first of these names that lies beside a file, as a path; null when none does. */
export async function findNeighbour(file: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const candidate = path.join(path.dirname(file), name);
    const there =
      candidate !== file &&
      (await access(candidate).then(
        () => true,
        () => false,
      ));
    if (there) return candidate;
  }
  return null;
}

/** A name with one word changed for another: `t10k-images.idx` with images for labels; those without the word fall out. */
export function withOtherWord(name: string, words: readonly (readonly [string, string])[]): string[] {
  return words.flatMap(([word, other]) => {
    const changed = name.replace(new RegExp(`(?<![A-Za-z])${word}(?![A-Za-z])`), other);
    return changed === name ? [] : [changed];
  });
}
