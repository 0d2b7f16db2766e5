import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { readModel } from '../../../src/core/formats';
import { openSession } from '../../../src/core/runtime/session';
import { argument, printMeasured } from './measured';
import { stepFeeds, stepGraph, stepModel } from './step-graph';

/** `MODEL BATCH THREADS RUNS`: the shortest of some training steps, and the processor time of all. */
async function main(): Promise<void> {
  const [batch, threads, runs] = [1, 2, 3].map((index) => Number(argument(index)));
  if (batch === undefined || threads === undefined || runs === undefined) throw new Error('Numbers are missing.');
  const from = await stepModel(await readModel(argument(0)));
  const begun = performance.now();
  const graph = stepGraph(from, batch);
  const building = performance.now() - begun;
  const session = await openSession(await encodeOnnx(graph.model), { threads });
  const feeds = stepFeeds(graph);
  await session.run(feeds);
  let shortest = Infinity;
  const spent = process.cpuUsage();
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await session.run(feeds);
    shortest = Math.min(shortest, performance.now() - start);
  }
  const { user, system } = process.cpuUsage(spent);
  printMeasured(shortest, { processorMs: (user + system) / 1000 / runs, building });
  await session.close();
}

void main();
