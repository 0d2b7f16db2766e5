import type { CompressionChoice } from '../../core/analysis/compression-choices';
import { sizeText } from './size-text';

const ICONS: Record<CompressionChoice['id'], string> = {
  int8: '$(dashboard)',
  'int8-weights': '$(archive)',
  int4: '$(archive)',
  palette4: '$(symbol-color)',
  float16: '$(symbol-numeric)',
  smallest: '$(search)',
};

export interface ChoiceText {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** One line when to use it, the size to expect, what it does. Sizes are estimates, and say so. */
export function choiceText({ id, title, detail, when, estimatedBytes, recommended }: CompressionChoice): ChoiceText {
  const size = estimatedBytes === null ? 'size is found by trying' : `about ${sizeText(estimatedBytes)} (estimate)`;
  const facts = [size, ...(recommended ? ['recommended'] : [])];
  return { label: `${ICONS[id]} ${title}`, description: facts.join(' · '), detail: `${when} ${detail}` };
}
