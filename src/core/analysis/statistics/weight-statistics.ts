import type { RealValues } from '../../compression/encodings/real-values';
import type { Kernels } from '../../kernels';
import type { ChannelLayout } from '../../kernels/channels';
import { HISTOGRAM_TABLE_BYTES, type ChunkStatistics, type Span } from '../../kernels/kernels';
import { HISTOGRAM_BINS, type WeightStatistics } from '../statistics.schema';

export interface WeightFigures {
  readonly statistics: WeightStatistics;
  /** Sum of squares of each channel; null when no layout was given. */
  readonly energies: Float64Array | null;
}

/**
 * Goes through the values twice: figures (and energies of the channels of `layout`), then the histogram over
 * [min, max]. Sums are float64; means and squares about them are merged chunk by chunk (Chan, Golub and LeVeque 1979),
 * so that a deviation far below the mean keeps its digits.
 */
export async function weightFigures(
  kernels: Kernels,
  values: RealValues,
  layout: ChannelLayout | null,
  signal?: AbortSignal,
): Promise<WeightFigures> {
  values.keep();
  const sums = new Sums();
  const energies = layout === null ? null : new Energies(kernels, layout);
  try {
    for await (const span of values.spans(signal)) {
      sums.add(kernels.statistics(span.address, span.count));
      energies?.add(span);
    }
    const histogram = await histogramOf(kernels, values, sums, signal);
    return { statistics: sums.statistics(values.elements, histogram), energies: energies?.result() ?? null };
  } finally {
    energies?.close();
  }
}

/** Figures of all chunks so far. */
class Sums {
  finite = 0;
  min = Infinity;
  max = -Infinity;
  private zeros = 0;
  private nan = 0;
  private infinite = 0;
  private mean = 0;
  private squares = 0;
  private absolutes = 0;

  add(chunk: ChunkStatistics): void {
    this.zeros += chunk.zeros;
    this.nan += chunk.nan;
    this.infinite += chunk.infinite;
    if (chunk.finite === 0) return;
    const mean = chunk.pivot + chunk.sum / chunk.finite;
    const squares = Math.max(0, chunk.squares - (chunk.sum * chunk.sum) / chunk.finite);
    const total = this.finite + chunk.finite;
    const distance = mean - this.mean;
    this.mean += (distance * chunk.finite) / total;
    this.squares += squares + distance * distance * ((this.finite * chunk.finite) / total);
    this.finite = total;
    this.absolutes += chunk.absolutes;
    this.min = Math.min(this.min, chunk.min);
    this.max = Math.max(this.max, chunk.max);
  }

  statistics(count: number, histogram: number[]): WeightStatistics {
    const known = this.finite > 0;
    return {
      count,
      min: known ? this.min : null,
      max: known ? this.max : null,
      mean: known ? this.mean : null,
      meanAbsolute: known ? this.absolutes / this.finite : null,
      standardDeviation: known ? Math.sqrt(this.squares / this.finite) : null,
      zeros: this.zeros,
      nan: this.nan,
      infinite: this.infinite,
      histogram,
    };
  }
}

/** Sums of squares by channel, in the kernels' memory. */
class Energies {
  private readonly region;

  constructor(
    private readonly kernels: Kernels,
    private readonly layout: ChannelLayout,
  ) {
    this.region = kernels.take(layout.channels * 8);
    this.region.bytes.fill(0);
  }

  add(span: Span): void {
    this.kernels.energy(span, this.layout, this.region.address);
  }

  result(): Float64Array {
    return new Float64Array(this.region.bytes.buffer, this.region.address, this.layout.channels).slice();
  }

  close(): void {
    this.kernels.give(this.region);
  }
}

async function histogramOf(kernels: Kernels, values: RealValues, sums: Sums, signal?: AbortSignal): Promise<number[]> {
  if (sums.finite === 0) return [];
  const counts = new Float64Array(HISTOGRAM_BINS);
  const tables = kernels.take(HISTOGRAM_TABLE_BYTES);
  try {
    for await (const span of values.spans(signal)) {
      kernels.histogram(span.address, span.count, sums.min, sums.max, tables, counts);
    }
  } finally {
    kernels.give(tables);
  }
  return [...counts];
}
