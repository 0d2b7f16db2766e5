import { storedValues } from '../../compression/encodings/stored';
import { EdgewiseError } from '../../errors';
import { openWeights, type WeightReader } from '../../formats/weight-reader';
import { loadKernels, type Kernels } from '../../kernels';
import { channelLayout } from '../../kernels/channels';
import type { Model, Weight } from '../../model/model';
import { breathe, throwIfCancelled } from '../../progress';
import { layersOf, type Layer, type LayerWeight } from '../layers';
import type { LayerStatistics } from '../statistics.schema';
import { isPrunable, suggestPruning, type LayerFacts } from '../suggestions';
import type { ModelSummary } from '../summary.schema';
import { answerLayers } from './answer-layers';
import { weightFigures, type WeightFigures } from './weight-statistics';

export interface StatisticsOptions {
  /** Names of layers that are wanted first: those in view. */
  readonly first?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Views are brought up to date this often at most. */
const BATCH_MS = 50;

/**
 * Statistics of every layer's main weight, from real values, read from disk step by step: memory does not grow with the
 * model. Batches arrive as they are ready. Layers without a weight, or with one that cannot be read here, are left
 * out. Answers how many layers were told.
 * @throws EdgewiseError `cancelled`, `changed`, `truncated`, `not-found`.
 */
export async function streamStatistics(
  model: Model,
  summary: ModelSummary,
  options: StatisticsOptions,
  onBatch: (layers: LayerStatistics[]) => void,
): Promise<{ layers: number }> {
  const jobs = orderedJobs(model, summary, options.first ?? []);
  if (jobs.length === 0) return { layers: 0 };
  const [kernels, reader] = await Promise.all([loadKernels(), openWeights(model)]);
  const figures = new SharedFigures(kernels, reader, jobs);
  const batch = new Batch(onBatch);
  try {
    for (const job of jobs) {
      if (options.signal) throwIfCancelled(options.signal);
      const found = await figures.of(job, options.signal).catch(withoutFigures);
      if (found !== null) await batch.add(layerStatistics(job, found));
    }
    batch.flush();
    return { layers: batch.told };
  } finally {
    await reader.close();
  }
}

/** One weight that makes no sense costs its layer its statistics, not the others theirs. */
function withoutFigures(error: unknown): null {
  if (EdgewiseError.is(error, 'malformed') || EdgewiseError.is(error, 'unsupported')) return null;
  throw error;
}

/** A layer whose statistics are wanted. */
interface Job {
  readonly layer: Layer;
  readonly weight: LayerWeight;
  readonly facts: LayerFacts;
}

function mainWeight(layer: Layer): LayerWeight | undefined {
  return layer.weights.find((weight) => weight.role === 'weight');
}

function orderedJobs(model: Model, summary: ModelSummary, first: readonly string[]): Job[] {
  const layers = layersOf(model);
  const last = answerLayers(model, layers, (layer) => mainWeight(layer) !== undefined);
  const known = new Set(summary.layers.map((layer) => layer.name));
  const jobs = layers.flatMap((layer) => {
    const weight = mainWeight(layer);
    if (weight === undefined || !known.has(layer.name)) return [];
    return [{ layer, weight, facts: factsOf(layer, weight, last.has(layer)) }];
  });
  const wanted = new Set(first);
  return [...jobs.filter((job) => wanted.has(job.layer.name)), ...jobs.filter((job) => !wanted.has(job.layer.name))];
}

function factsOf(layer: Layer, weight: LayerWeight, last: boolean): LayerFacts {
  const group = layer.node.attributes.get('group');
  return {
    operator: layer.node.opType,
    outputs: weight.outputAxis === null ? 0 : (weight.shape[weight.outputAxis] ?? 0),
    last,
    grouped: group?.kind === 'int' && group.value > 1,
  };
}

function layerStatistics({ layer, weight, facts }: Job, figures: WeightFigures): LayerStatistics {
  return {
    layer: layer.name,
    weight: weight.name,
    statistics: figures.statistics,
    suggestion: figures.energies === null ? null : suggestPruning(facts, figures.energies),
  };
}

/** Computes a weight once, however many layers use it. */
class SharedFigures {
  private readonly uses = new Map<Weight, number>();
  private readonly known = new Map<Weight, { axis: number | null; figures: WeightFigures }>();

  constructor(
    private readonly kernels: Kernels,
    private readonly reader: WeightReader,
    jobs: readonly Job[],
  ) {
    for (const { weight } of jobs) this.uses.set(weight.stored, (this.uses.get(weight.stored) ?? 0) + 1);
  }

  async of({ weight, facts }: Job, signal?: AbortSignal): Promise<WeightFigures | null> {
    const axis = isPrunable(facts) ? weight.outputAxis : null;
    const known = this.known.get(weight.stored);
    if (known !== undefined && (axis === null || axis === known.axis)) {
      return axis === null ? { ...known.figures, energies: null } : known.figures;
    }
    const values = storedValues(this.kernels, this.reader, weight);
    if (values === null) return null;
    try {
      const layout = axis === null ? null : channelLayout(weight.shape, axis);
      const figures = await weightFigures(this.kernels, values, layout, signal);
      if ((this.uses.get(weight.stored) ?? 0) > 1) this.known.set(weight.stored, { axis, figures });
      return figures;
    } finally {
      values.close();
    }
  }
}

/** Gathers answers, and hands them on every `BATCH_MS`. */
class Batch {
  told = 0;
  private layers: LayerStatistics[] = [];
  private since = performance.now();

  constructor(private readonly onBatch: (layers: LayerStatistics[]) => void) {}

  async add(layer: LayerStatistics): Promise<void> {
    this.layers.push(layer);
    if (performance.now() - this.since < BATCH_MS) return;
    this.flush();
    await breathe();
  }

  flush(): void {
    if (this.layers.length > 0) this.onBatch(this.layers);
    this.told += this.layers.length;
    this.layers = [];
    this.since = performance.now();
  }
}
