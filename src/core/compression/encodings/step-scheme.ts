import type { WeightRole } from '../../analysis/weight-roles';
import { isCodeBits } from './packing';
import type { AffineScheme, DenseScheme, PaletteScheme, WeightScheme } from './scheme';
import { EdgewiseError } from '../../errors';
import type { QuantizeStep, WeightOverride } from '../../recipe/recipe.schema';

/** What of a step, or of an override, decides how one weight is encoded. */
export type WeightOptions = Pick<
  QuantizeStep,
  'weights' | 'encoding' | 'granularity' | 'block' | 'group' | 'scales' | 'symmetric' | 'sparsity'
>;

/** What counts for the layers of an override: numbers of elements and channels go with what they are numbers of. */
export function overridden(step: WeightOptions, override: WeightOverride): WeightOptions {
  const { weights = step.weights, granularity = step.granularity } = override;
  return {
    weights,
    granularity,
    encoding: override.encoding ?? step.encoding,
    block: override.block ?? (granularity === 'block' ? step.block : undefined),
    group: override.group ?? (granularity === 'group' ? step.group : undefined),
    scales: override.scales ?? step.scales,
    symmetric: override.symmetric ?? step.symmetric,
    sparsity: override.sparsity ?? step.sparsity,
  };
}

/** Where a step does not say. As many as other tools take, so that results compare. */
const DEFAULT_BLOCK = 32;
const DEFAULT_GROUP = 16;

/** Widths that affine codes come in; others are those of a palette unless a step says what it wants. */
const AFFINE_WEIGHTS: ReadonlySet<QuantizeStep['weights']> = new Set(['int8', 'int4', 'int3', 'int2']);

/** The encoding that a step means where it does not say. */
export function encodingOfStep({
  weights,
  encoding,
}: Pick<QuantizeStep, 'weights' | 'encoding'>): 'affine' | 'palette' {
  if (encoding !== undefined) return encoding;
  return weights.startsWith('int') && !AFFINE_WEIGHTS.has(weights) ? 'palette' : 'affine';
}

const RECURRENT: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);

/** Operators whose weights of two and more dimensions multiply: small errors of single weights average out in them. */
const QUANTIZABLE: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'MatMul',
  'FusedConv',
  'FusedGemm',
  'FusedMatMul',
  'Gather',
  'LSTM',
  'GRU',
  'RNN',
  'Attention',
]);

/** What a scheme is chosen by: of a layer's weight, or of its summary. */
export interface WeightFacts {
  readonly operator: string;
  readonly role: WeightRole;
  readonly shape: readonly number[];
  /** Axis of the layer's outputs; null where there is none. */
  readonly outputAxis: number | null;
  /** Of a stored number. */
  readonly bits: number;
}

/**
 * How a float weight is encoded; null where the options leave it as it is. Halves take every float but running
 * statistics, whose variance can be beyond float16's range; codes and sparse weights only those that multiply.
 */
export function schemeFor(options: WeightOptions, weight: WeightFacts): WeightScheme | null {
  return isWanted(options, weight) ? schemeOf(options, weight) : null;
}

function isWanted(options: WeightOptions, { role, bits, shape, operator }: WeightFacts): boolean {
  const halves = options.weights === 'float16' || options.weights === 'bfloat16';
  if (halves && bits <= 16) return false;
  if (halves && (options.sparsity ?? 0) === 0) return role !== 'statistics';
  return role === 'weight' && shape.length >= 2 && QUANTIZABLE.has(operator);
}

function schemeOf(options: WeightOptions, weight: WeightFacts): WeightScheme | null {
  const sparsity = options.sparsity === undefined || options.sparsity === 0 ? {} : { sparsity: options.sparsity };
  const { weights } = options;
  if (weights === 'float32' || weights === 'float16' || weights === 'bfloat16') {
    const scheme: DenseScheme = { kind: 'dense', dtype: weights, ...sparsity };
    return weights === 'float32' && scheme.sparsity === undefined ? null : scheme;
  }
  const bits = bitsOfWeights(weights);
  if (encodingOfStep(options) === 'palette') return { ...paletteScheme(options, weight, bits), ...sparsity };
  // Values that are left over once the zeros are gone lie along no axis.
  return { ...affineScheme(options, weight, bits), ...sparsity };
}

/** The bits of integer weights. @throws EdgewiseError `internal` for floats */
export function bitsOfWeights(weights: QuantizeStep['weights']): number {
  const bits = Number(/^int(\d)$/.exec(weights)?.[1]);
  if (Number.isNaN(bits)) throw new EdgewiseError('internal', `${weights} weights have no codes.`);
  return bits;
}

function affineScheme(options: WeightOptions, weight: WeightFacts, bits: number): AffineScheme {
  if (!isCodeBits(bits)) throw new EdgewiseError('internal', `There are no affine codes of ${bits} bits.`);
  return {
    kind: 'affine',
    bits,
    ...scaleAxes(options, weight),
    symmetric: options.symmetric ?? true,
    scales: options.scales ?? (bits === 8 ? 'minmax' : 'mse'),
  };
}

/** Axes too short for one block have a scale a channel: blocks would give small filters a scale for each element. */
function scaleAxes(
  { granularity, block = DEFAULT_BLOCK }: WeightOptions,
  weight: WeightFacts,
): Pick<AffineScheme, 'axis' | 'block'> {
  if (granularity === 'tensor') return { axis: null, block: null };
  const channels = channelAxis(weight);
  if (granularity !== 'block') return { axis: channels, block: null };
  const along = blockAxis(weight.shape, channels);
  if ((weight.shape[along] ?? 0) <= block) return { axis: channels, block: null };
  return { axis: along, block };
}

function paletteScheme(
  { granularity, group = DEFAULT_GROUP }: WeightOptions,
  weight: WeightFacts,
  bits: number,
): PaletteScheme {
  const whole: PaletteScheme = { kind: 'palette', bits, axis: null, groups: 1, method: 'kmeans' };
  if (granularity !== 'group') return whole;
  const axis = channelAxis(weight);
  const channels = weight.shape[axis] ?? 1;
  const groups = channels / groupSize(channels, group);
  return groups === 1 ? whole : { ...whole, axis, groups };
}

/** Groups are equal: the smallest size from what was asked for on that divides the channels. */
function groupSize(channels: number, asked: number): number {
  for (let size = asked; size < channels; size++) if (channels % size === 0) return size;
  return channels;
}

/** The outputs' axis; the gates of a recurrent layer, which lie along the second; the rows of an embedding. */
function channelAxis({ operator, outputAxis, shape }: WeightFacts): number {
  if (outputAxis !== null) return outputAxis;
  return RECURRENT.has(operator) && shape.length === 3 ? 1 : 0;
}

/** The axis that is summed over: before the last where outputs are last, else the longest of the others. */
function blockAxis(shape: readonly number[], channels: number): number {
  if (channels === shape.length - 1) return Math.max(0, channels - 1);
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== channels);
  return others.reduce((best, axis) => ((shape[axis] ?? 0) > (shape[best] ?? 0) ? axis : best), others[0] ?? 0);
}
