import type { ModelMessage } from '../../src/protocol/page-messages';
import { bytes, percent, plural } from '../shared/format';

type Summary = ModelMessage['summary'];
type Choices = NonNullable<ModelMessage['choices']>;
type Layer = Summary['layers'][number];
type Weight = Layer['weights'][number];

export interface Finding {
  kind: 'information' | 'warning';
  text: string;
  /** True where the sentence holds a figure that nothing measured. */
  estimate: boolean;
}

/** What is worth knowing about the model, each only when the summary shows it. A rule more is a line here. */
const RULES: readonly ((summary: Summary, choices: Choices) => Finding | null)[] = [
  externalData,
  unknownShapes,
  unknownCost,
  floatWeights,
  integerWeights,
  separateBatchNorm,
  oneHeavyLayer,
  sharedWeights,
];

export const findings = ({ summary, choices = [] }: Pick<ModelMessage, 'summary' | 'choices'>): Finding[] =>
  RULES.flatMap((rule) => {
    const finding = rule(summary, choices);
    return finding ? [finding] : [];
  });

const information = (text: string, estimate = false): Finding => ({ kind: 'information', text, estimate });
const warning = (text: string): Finding => ({ kind: 'warning', text, estimate: false });

function externalData({ files }: Summary): Finding | null {
  const [main, ...others] = files;
  if (!main || others.length === 0) return null;
  const names = others.map((file) => `${file.name} (${bytes(file.bytes)})`);
  const listed = names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return information(`Weights lie in ${listed}. Keep ${others.length > 1 ? 'them' : 'it'} beside ${main.name}.`);
}

function unknownShapes({ layers }: Summary): Finding | null {
  const unknown = layers.filter((layer) => layer.outputShape === null);
  if (unknown.length === 0) return null;
  return warning(`The output shape of ${plural(unknown.length, 'layer')} is unknown: ${operators(unknown)}.`);
}

function unknownCost({ layers, macs, symbols }: Summary): Finding | null {
  const unknown = layers.filter((layer) => layer.macs === null);
  if (macs !== null || symbols.length > 0 || unknown.length === 0) return null;
  return warning(`The cost of ${plural(unknown.length, 'layer')} is unknown: ${operators(unknown)}.`);
}

const operators = (layers: readonly Layer[]): string => {
  const names = [...new Set(layers.map((layer) => layer.operator))];
  return names.length > 4
    ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} other operators`
    : names.join(', ');
};

/** Quantizing touches main weights; a shared tensor is stored once. */
const mainWeights = ({ layers }: Summary): Weight[] =>
  layers.flatMap((layer) => layer.weights.filter((weight) => weight.role === 'weight' && !weight.shared));

const total = (weights: readonly Weight[]): number => weights.reduce((sum, weight) => sum + weight.bytes, 0);

const isFloat32 = (weight: Weight): boolean => weight.encoding.kind === 'dense' && weight.encoding.dtype === 'float32';

/** What compressing would come to is told as the quick pick tells it. */
function floatWeights(summary: Summary, choices: Choices): Finding | null {
  const weights = mainWeights(summary);
  const float = total(weights.filter(isFloat32));
  if (float === 0) return null;
  const share = `${percent(float / total(weights), 0)} of the weights are float32.`;
  const about = (id: string): string | null => {
    const size = choices.find((choice) => choice.id === id)?.estimatedBytes ?? null;
    return size === null ? null : bytes(size);
  };
  const [int8, palette] = [about('int8-weights'), about('palette4')];
  if (int8 === null) return information(share);
  const further = palette === null ? '' : `, with a 4-bit palette ${palette}`;
  return information(`${share} As int8 the file would be about ${int8}${further}.`, true);
}

function integerWeights(summary: Summary): Finding | null {
  const weights = mainWeights(summary);
  const encoded = weights.filter((weight) => weight.encoding.kind !== 'dense');
  if (encoded.length === 0) return null;
  const labels = [...new Set(encoded.map((weight) => weight.encodingLabel))].slice(0, 3).join(', ');
  return information(
    `${percent(total(encoded) / total(weights), 0)} of the weights are compressed already: ${labels}.`,
  );
}

function separateBatchNorm({ layers }: Summary): Finding | null {
  const count = layers.filter((layer) => layer.operator === 'BatchNormalization').length;
  if (count === 0) return null;
  return information(
    `${plural(count, 'batch normalization')} ${count === 1 ? 'is a layer of its own' : 'are layers of their own'}. ` +
      'Quantizing to int8 folds those that follow a convolution into it.',
  );
}

/** A single layer with more than this share of the bytes decides how small the model can become. */
const HEAVY = 0.4;

function oneHeavyLayer({ layers }: Summary): Finding | null {
  const all = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const heaviest = layers.reduce<Layer | null>(
    (best, layer) => (best && best.bytes >= layer.bytes ? best : layer),
    null,
  );
  if (!heaviest || layers.length < 3 || heaviest.bytes < all * HEAVY) return null;
  return information(`${heaviest.name} alone holds ${percent(heaviest.bytes / all, 0)} of the bytes.`);
}

function sharedWeights({ layers }: Summary): Finding | null {
  const count = new Set(layers.flatMap((layer) => layer.weights.filter((one) => one.shared).map((one) => one.name)))
    .size;
  if (count === 0) return null;
  return information(
    `${plural(count, 'weight')} ${count === 1 ? 'is' : 'are'} used by more than one layer, and counted once.`,
  );
}
