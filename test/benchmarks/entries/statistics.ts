import { streamStatistics } from '../../../src/core/analysis/statistics';
import type { LayerStatistics } from '../../../src/core/analysis/statistics.schema';
import { summarize } from '../../../src/core/analysis/summary';
import { readModel } from '../../../src/core/formats';
import { argument, printMeasured } from './measured';

/** Statistics and histograms of all main weights, from opening the file on. */
async function main(): Promise<void> {
  const begin = performance.now();
  const model = await readModel(argument(0));
  const all: LayerStatistics[] = [];
  await streamStatistics(model, summarize(model), {}, (batch) => all.push(...batch));
  const ms = performance.now() - begin;
  const sum = (of: (layer: LayerStatistics) => number): number => all.reduce((total, layer) => total + of(layer), 0);
  printMeasured(ms, {
    layers: all.length,
    values: sum(({ statistics }) => statistics.count),
    deviations: sum(({ statistics }) => statistics.standardDeviation ?? 0),
    middle: sum(({ statistics }) => statistics.histogram[32] ?? 0),
  });
}

void main();
