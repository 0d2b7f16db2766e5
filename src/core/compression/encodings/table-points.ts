import type { Kernels } from '../../kernels';
import type { Span } from '../../kernels/kernels';
import { TALLY_BYTES, TALLY_KEYS } from '../../kernels/palette-kernels';
import { repeats, type ScaleLayout } from '../../kernels/scale-layout';
import type { RealValues } from './real-values';
import { GatheredValues, TalliedValues, type ValueCollector } from './value-tally';
import type { WeightedPoints } from './weighted-points';

/** A table of at most so many values has each of them as a point; a larger one has bins of values. */
export const GATHERED_VALUES = 65_536;

/** What tables are collected at once may take this many bytes; those for which there is no room wait for another pass. */
const COLLECTED_BYTES = 32 * 1024 * 1024;

/** Bytes of bins outside the kernels' memory: a count and a sum a key. */
const TALLIED_BYTES = TALLY_BYTES + TALLY_KEYS * 16;

/** The values of every table of a layout, in the order of the tables, as points. */
export async function* tablePoints(
  kernels: Kernels,
  values: RealValues,
  layout: ScaleLayout,
  signal?: AbortSignal,
): AsyncGenerator<WeightedPoints> {
  const each = Math.ceil(values.elements / layout.scales);
  const bytes = each <= GATHERED_VALUES ? Math.max(1, each) * 4 : TALLIED_BYTES;
  const inTurn = !repeats(layout, values.elements);
  const slots = inTurn ? 1 : Math.max(1, Math.min(layout.scales, Math.floor(COLLECTED_BYTES / bytes)));
  const collector =
    each <= GATHERED_VALUES ? new GatheredValues(kernels, slots, each) : new TalliedValues(kernels, slots);
  try {
    if (inTurn) yield* oneByOne(collector, values, layout, signal);
    else yield* byPasses(collector, slots, values, layout, signal);
  } finally {
    collector.close();
  }
}

/** Tables whose values follow each other: one pass, one table at a time. */
async function* oneByOne(
  collector: ValueCollector,
  values: RealValues,
  layout: ScaleLayout,
  signal?: AbortSignal,
): AsyncGenerator<WeightedPoints> {
  let table = 0;
  for await (const span of values.spans(signal)) {
    for (let done = 0; done < span.count;) {
      const first = span.first + done;
      const count = Math.min(span.count - done, (table + 1) * layout.block - first);
      const part: Span = { address: span.address + done * 4, first, count };
      collector.add(part, layout, { first: table, count: 1 });
      done += count;
      if (first + count === (table + 1) * layout.block) {
        yield collector.take(0);
        table++;
      }
    }
  }
  // A tensor without elements still has its tables.
  for (; table < layout.scales; table++) yield collector.take(0);
}

/** Tables whose values lie among each other's: as many at a time as there is room for. */
async function* byPasses(
  collector: ValueCollector,
  slots: number,
  values: RealValues,
  layout: ScaleLayout,
  signal?: AbortSignal,
): AsyncGenerator<WeightedPoints> {
  for (let first = 0; first < layout.scales; first += slots) {
    const count = Math.min(slots, layout.scales - first);
    for await (const span of values.spans(signal)) collector.add(span, layout, { first, count });
    for (let slot = 0; slot < count; slot++) yield collector.take(slot);
  }
}
