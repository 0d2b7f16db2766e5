import { readFileSync, readdirSync } from 'node:fs';

/** Linux shows its processes as files. */
const PROCESSES = '/proc';

/** Every process that began below `ancestor`. */
export function descendants(ancestor: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync(PROCESSES)) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : null;
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(ancestor);
}

export function commandLine(pid: number): string {
  return contents(pid, 'cmdline').replaceAll('\0', ' ');
}

/** The fourth field of `stat`; the second, a name in brackets, may hold anything. */
function parentOf(pid: number): number | null {
  const stat = contents(pid, 'stat');
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  return Number.isInteger(parent) && parent > 0 ? parent : null;
}

/** A process may end at any moment. */
function contents(pid: number, file: string): string {
  try {
    return readFileSync(`${PROCESSES}/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
