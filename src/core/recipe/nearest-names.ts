/** Names and what was asked for are compared up to here; what is longer is no slip of the keyboard. */
const COMPARED_LENGTH = 200;
/** Of this many names at most, so that a model of many layers answers at once. */
const COMPARED_NAMES = 10_000;
/** A name as far away as half of what was asked for is another name. */
const FAR = 0.5;

/**
 * The names that are closest to one that does not exist, the nearest first: those that are it but for case, that begin
 * with it, that contain it, then by Levenshtein distance.
 */
export function nearestNames(wanted: string, names: Iterable<string>, most = 3): string[] {
  const asked = wanted.toLowerCase().slice(0, COMPARED_LENGTH);
  if (asked === '') return [];
  const ranked: { name: string; distance: number }[] = [];
  let looked = 0;
  for (const name of names) {
    if (++looked > COMPARED_NAMES) break;
    const distance = distanceTo(asked, name.toLowerCase().slice(0, COMPARED_LENGTH));
    if (distance <= Math.max(1, asked.length * FAR)) ranked.push({ name, distance });
  }
  return ranked
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Below 1 for what needs no change of letters, so that such names come first. */
function distanceTo(asked: string, name: string): number {
  if (name === asked) return 0;
  if (name.startsWith(asked)) return 0.25;
  if (name.includes(asked)) return 0.5;
  return editDistance(asked, name);
}

/** Insertions, deletions and substitutions that make one of the other (Levenshtein), one row at a time. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? a.length;
}
