import type { CompressionChoice } from '../../core/analysis/compression-choices';
import { sizeText } from './size-text';

const ICONS: Record<CompressionChoice['id'], string> = {
  int8: '$(dashboard)',
  'int8-weights': '$(archive)',
  float16: '$(symbol-numeric)',
};

export interface ChoiceText {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** One line when to use it, the size to expect, what it does. Sizes are estimates, and say so. */
export function choiceText({ id, title, detail, when, estimatedBytes, recommended }: CompressionChoice): ChoiceText {
  const facts = [`about ${sizeText(estimatedBytes)} (estimate)`, ...(recommended ? ['recommended'] : [])];
  return { label: `${ICONS[id]} ${title}`, description: facts.join(' · '), detail: `${when} ${detail}` };
}
