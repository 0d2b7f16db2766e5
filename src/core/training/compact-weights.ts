import { layersOf } from '../analysis/layers';
import type { WeightPlan, WeightScheme } from '../compression/encodings/scheme';
import { encodeWeights } from '../compression/quantization/encode-weights';
import { readFloats } from '../compression/graph/float-weights';
import { formatOf } from '../formats';
import { openWeights } from '../formats/weight-reader';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import { layersNamed } from '../recipe/layer-patterns';
import type { AwareOptions, TrainStep } from '../recipe/train.schema';
import { paletteTransform } from './clustering/palette-transform';
import type { PruningCourse } from './sparsity/gradual-level';
import { maskTransform } from './sparsity/mask-transform';
import { NOTHING_HELD, type HeldForms } from './standing-weights';
import { trainableWeights } from './trainable';
import type { NamedValues, TrainingTransform } from './transform';

/** Zeros and shared values that a training brings, and how they are stored. */
export interface CompactWeights {
  readonly transforms: readonly TrainingTransform[];
  /** All variables, with the weights as they compute. */
  settled(values: NamedValues): Map<string, Float32Array>;
  /**
   * What a weight is stored as, given what it would be without zeros and clusters.
   * @param asCodes true where integer kernels take it
   */
  scheme(name: string, otherwise: WeightScheme, values: Float32Array, asCodes: boolean): WeightScheme;
  /** Whether a weight is stored otherwise than it was. */
  has(name: string): boolean;
}

type CompactStep = Pick<TrainStep, 'sparsity' | 'cluster'>;

/**
 * What a step says about zeros and clusters, and what earlier steps have made; null where there is neither.
 * @param held zeros that stay, and weights that stay equal
 * @throws EdgewiseError `usage` for patterns that name no layer
 */
export async function compactWeights(
  model: Model,
  step: CompactStep,
  file: string,
  held: HeldForms = NOTHING_HELD,
): Promise<CompactWeights | null> {
  const { sparsity, cluster } = step;
  if (!sparsity && !cluster && held.zeros.size + held.shared.size === 0) return null;
  const course = sparsity ? { ...sparsity, every: sparsity.every } : null;
  const asked = sparsity ? await startsOf(model, sparsity.layers, file) : NO_STARTS;
  const pruning = [
    ...(course ? [{ course, starts: asked }] : []),
    { course: HELD, starts: without(await startsIn(model, held.zeros), asked) },
  ].filter(({ starts }) => starts.size > 0);
  const pruned = new Set(pruning.flatMap(({ starts }) => [...starts.keys()]));
  const sharing = await sharedBy(model, step, file, held);
  const bitsOf = new Map(
    sharing.flatMap(({ bits, starts }) => [...starts.keys()].map((name) => [name, bits] as const)),
  );
  const settings = { pruning: course ?? (pruned.size > 0 ? HELD : null) };
  const transforms = [
    ...pruning.map((each) => maskTransform(each.course, each.starts)),
    ...sharing.map(({ bits, end, starts }) => paletteTransform({ ...settings, bits, end }, starts)),
  ];
  return {
    // What is read is masked last.
    transforms: [...transforms].reverse(),
    settled(values) {
      const settled = new Map(values);
      for (const transform of [...transforms].reverse())
        for (const [name, value] of transform.settled?.(settled) ?? []) settled.set(name, value);
      return settled;
    },
    scheme(name, otherwise, values, asCodes) {
      const zeros = values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);
      const share = pruned.has(name) ? { sparsity: zeros / values.length } : {};
      const bits = bitsOf.get(name);
      if (bits === undefined) return { ...otherwise, ...share };
      if (asCodes && otherwise.kind === 'affine') return { ...otherwise, tableBits: bits, ...share };
      return { kind: 'palette', bits, axis: null, groups: 1, method: 'unique', ...share };
    },
    has: (name) => pruned.has(name) || bitsOf.has(name),
  };
}

/**
 * How weights of few bits go with zeros and clusters: shared values are on one grid, and what is left of a sparse tensor
 * has one step, except where integer kernels have all of it.
 */
export function withOneStep(
  options: AwareOptions,
  { sparsity, cluster }: CompactStep,
  { zeros, shared }: HeldForms = NOTHING_HELD,
): AwareOptions {
  const isSparse = sparsity !== undefined || zeros.size > 0;
  const isOne = cluster !== undefined || shared.size > 0 || (isSparse && options.activations === 'float32');
  return isOne ? { ...options, granularity: 'tensor' } : options;
}

/**
 * Stores the weights of a trained model as what they have become: zeros left out, shared values as palettes.
 * @param whenWritten is given what ends reading the weights
 */
export async function storeCompact(
  model: Model,
  compact: CompactWeights,
  { context, whenWritten }: { context: JobContext; whenWritten: (close: () => Promise<void>) => void },
): Promise<Model> {
  const reader = await openWeights(model);
  whenWritten(() => reader.close());
  const plan = new Map<string, WeightScheme>();
  for (const weight of model.graph.weights.values())
    if (compact.has(weight.name))
      plan.set(weight.name, compact.scheme(weight.name, PLAIN, await readFloats(reader, weight), false));
  const tensors = await encodeWeights(model, reader, plan satisfies WeightPlan, { signal: context.signal });
  return formatOf(model.format).encodings.store(model, tensors, undefined);
}

/** Zeros that are there stay, and no more come. */
const HELD: PruningCourse = { level: 0, begin: 0, end: 0, every: undefined };
const NO_STARTS: ReadonlyMap<string, Float32Array> = new Map();

interface Sharing {
  readonly bits: number;
  readonly end: number;
  readonly starts: ReadonlyMap<string, Float32Array>;
}

/** What a step clusters, and what was clustered before: members of that stay where they are. */
async function sharedBy(model: Model, { cluster }: CompactStep, file: string, held: HeldForms): Promise<Sharing[]> {
  const asked = cluster ? await startsOf(model, cluster.layers, file) : NO_STARTS;
  const sharing: Sharing[] = cluster ? [{ ...cluster, starts: asked }] : [];
  for (const bits of new Set(held.shared.values())) {
    const names = new Set([...held.shared].filter(([, each]) => each === bits).map(([name]) => name));
    sharing.push({ bits, end: 0, starts: without(await startsIn(model, names), asked) });
  }
  return sharing.filter(({ starts }) => starts.size > 0);
}

const without = (
  starts: ReadonlyMap<string, Float32Array>,
  others: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> => new Map([...starts].filter(([name]) => !others.has(name)));

const PLAIN: WeightScheme = { kind: 'dense', dtype: 'float32' };

/** Weights of two dimensions or more that learn, of the layers that patterns name. */
async function startsOf(
  model: Model,
  patterns: readonly string[] | undefined,
  file: string,
): Promise<Map<string, Float32Array>> {
  const named = layersOf(model).map(({ name, node }) => ({ name, operator: node.opType }));
  return startsIn(model, patterns && layersNamed(patterns, named, file));
}

/** @param wanted names of layers; undefined: all */
async function startsIn(model: Model, wanted: ReadonlySet<string> | undefined): Promise<Map<string, Float32Array>> {
  const learned = new Set(trainableWeights(model).learned.map(({ name }) => name));
  const starts = new Map<string, Float32Array>();
  const reader = await openWeights(model);
  try {
    for (const { name, weights } of layersOf(model)) {
      const main = weights.find(({ role, shape }) => role === 'weight' && shape.length > 1);
      const weight = model.graph.weights.get(main?.name ?? '');
      if (!weight || !learned.has(weight.name) || (wanted && !wanted.has(name))) continue;
      starts.set(weight.name, await readFloats(reader, weight));
    }
    return starts;
  } finally {
    await reader.close();
  }
}
