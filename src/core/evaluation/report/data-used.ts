import { rebasePath } from '../../recipe/rebase';
import type { DataUsed } from '../report.schema';

/**
 * A set named relative to another folder. The source is named in how it was chosen, too: "split of digits.npz, seed 1".
 */
export function rebaseUsed(used: DataUsed, base: string, folder: string): DataUsed {
  const { source, selection } = used;
  if (source === 'random') return used;
  const rebased = rebasePath(source, base, folder);
  return { ...used, source: rebased, selection: selection.replaceAll(source, () => rebased) };
}
