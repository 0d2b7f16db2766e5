import type { QuantizeStep, Recipe, RecipeStep } from '../recipe/recipe.schema';
import { estimatedBytes } from './step-estimate';
import type { ModelSummary } from './summary.schema';

export type ChoiceId = 'int8' | 'int8-weights' | 'int4' | 'palette4' | 'float16' | 'smallest';

/** One way to compress a model, as a quick pick offers it. */
export interface CompressionChoice {
  readonly id: ChoiceId;
  readonly title: string;
  /** When to take it, in a sentence. */
  readonly when: string;
  /** What is done, in a sentence. */
  readonly detail: string;
  /**
   * Size of the file to expect. An estimate from the summary alone: nothing was compressed to find it. Null where a
   * search decides.
   */
  readonly estimatedBytes: number | null;
  readonly needsData: boolean;
  readonly steps: readonly RecipeStep[];
  /** What a search is to meet; only without steps. */
  readonly target?: NonNullable<Recipe['target']>;
  /** True for one choice, the first. */
  readonly recommended: boolean;
}

/** A choice that saves less than this share of the file is not offered. */
const LEAST_SAVING = 0.02;

const USUAL: Omit<QuantizeStep, 'weights'> = {
  activations: 'float32',
  granularity: 'channel',
  keep: [],
  samples: 512,
  reduceRange: 'auto',
};

interface Kind extends Pick<CompressionChoice, 'id' | 'title' | 'when' | 'detail'> {
  readonly step: QuantizeStep;
}

/** Texts are short: a quick pick cuts what does not fit its line. A new choice is one entry. */
const KINDS: readonly Kind[] = [
  {
    id: 'int8',
    title: 'Fast integers, int8',
    when: 'For size and speed; needs data.',
    detail: '8-bit weights and activations.',
    step: { ...USUAL, weights: 'int8', activations: 'uint8' },
  },
  {
    id: 'int8-weights',
    title: 'Weights only, int8',
    when: 'For size, without data.',
    detail: '8-bit weights; float arithmetic.',
    step: { ...USUAL, weights: 'int8' },
  },
  {
    id: 'int4',
    title: '4-bit weights, int4',
    when: 'For large layers.',
    detail: '4-bit weights, a scale for each 32 of them.',
    step: { ...USUAL, weights: 'int4', granularity: 'block' },
  },
  {
    id: 'palette4',
    title: '4-bit palette',
    when: 'For a small download.',
    detail: '16 values a layer; unpacks when it is loaded.',
    step: { ...USUAL, weights: 'int4', encoding: 'palette' },
  },
  {
    id: 'float16',
    title: 'Half precision, float16',
    when: 'For half the size, next to no loss.',
    detail: '16-bit weights.',
    step: { ...USUAL, weights: 'float16' },
  },
];

/** Percentage points that the search of a choice may lose. */
const SEARCHED_DROP = 0.5;

/**
 * Ways to compress a model, the recommended one first: static int8 where data is known and there are convolutions,
 * otherwise int8 weights alone. Ways that would save next to nothing are left out; `alreadyCompressed` says why.
 */
export function compressionChoices(summary: ModelSummary, { data }: { data: boolean }): CompressionChoice[] {
  const convolutional = summary.layers.some((layer) => layer.operator.includes('Conv'));
  const first: ChoiceId = data && convolutional ? 'int8' : 'int8-weights';
  const offered = KINDS.map((kind) => choiceOf(kind, summary)).filter(
    ({ estimatedBytes: bytes }) => bytes !== null && summary.bytes - bytes >= summary.bytes * LEAST_SAVING,
  );
  const recommended = offered.find((choice) => choice.id === first) ?? offered[0];
  if (recommended === undefined) return [];
  return [{ ...recommended, recommended: true }, ...offered.filter((choice) => choice !== recommended), SMALLEST];
}

function choiceOf({ step, ...texts }: Kind, summary: ModelSummary): CompressionChoice {
  return {
    ...texts,
    estimatedBytes: estimatedBytes(summary, step),
    needsData: step.activations !== 'float32',
    steps: [{ quantize: step }],
    recommended: false,
  };
}

const SMALLEST: CompressionChoice = {
  id: 'smallest',
  title: 'Smallest within half a point',
  when: 'For the least bytes; needs data, takes minutes.',
  detail: 'Tries each layer.',
  estimatedBytes: null,
  needsData: true,
  steps: [],
  target: { maxDrop: SEARCHED_DROP },
  recommended: false,
};

/** What of a model is compressed already, in a sentence; null where every weight is stored as 32-bit floats or wider. */
export function alreadyCompressed(summary: ModelSummary): string | null {
  const weights = summary.layers
    .flatMap((layer) => layer.weights)
    .filter((weight) => weight.role === 'weight' && !weight.shared);
  const labels = weights.map((weight) => weight.encodingLabel).filter((label) => !WIDE_FLOATS.has(label));
  if (labels.length === 0) return null;
  const common = mostFrequent(labels);
  const most = labels.every((label) => label === common) ? '' : 'mostly ';
  const how = labels.length === weights.length ? 'All weights' : `${labels.length} of ${weights.length} weights`;
  return `${how} are already stored compressed, ${most}as ${common}.`;
}

const WIDE_FLOATS: ReadonlySet<string> = new Set(['float32', 'float64']);

function mostFrequent(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), ['', 0] as [string, number])[0];
}
