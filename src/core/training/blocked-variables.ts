import { EdgewiseError } from '../errors';
import { quoted } from '../formats/file-errors';
import type { Node } from '../model/model';
import { placeOf } from './gradients/missing-rule';

/** Variables that no gradient reaches, and the operators that are in the way. */
export type BlockedVariables = ReadonlyMap<string, Node>;

/**
 * Weights that learn all the same: those behind the operators without a gradient.
 * @param warn is told which operator is in the way, and what learns
 * @throws EdgewiseError `unsupported` when no weight is left
 */
export function unblocked(
  learned: ReadonlyMap<string, Float32Array>,
  blocked: BlockedVariables,
  { file, warn }: { readonly file: string; readonly warn: (sentence: string) => void },
): ReadonlyMap<string, Float32Array> {
  const stays = [...learned.keys()].filter((name) => blocked.has(name));
  if (stays.length === 0) return learned;
  const nodes = [...new Set(stays.flatMap((name) => blocked.get(name) ?? []))];
  const operators = nodes.map((node) => `${node.opType} (${placeOf(node)})`).join(', ');
  if (stays.length === learned.size)
    throw new EdgewiseError(
      'unsupported',
      `There is no gradient for ${operators}, and nothing behind it in ${quoted(file)} would learn. Train the model before that operator was put in.`,
      { file },
    );
  warn(
    `There is no gradient for ${operators}: ${stays.length} weights before it stayed as they were, and the ${learned.size - stays.length} behind it were trained.`,
  );
  return new Map([...learned].filter(([name]) => !blocked.has(name)));
}
