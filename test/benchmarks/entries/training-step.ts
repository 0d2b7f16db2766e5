import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { quietContext } from '../../../src/core/progress';
import { openSession } from '../../../src/core/runtime/session';
import { AskedForms, fixedForms, timeForms } from '../../../src/core/training/forms';
import { argument, printMeasured } from './measured';
import { stepFeeds, stepGraph, stepModel } from './step-graph';

/** `MODEL BATCH THREADS RUNS`: the shortest of some training steps, forms chosen by timing before. */
async function main(): Promise<void> {
  const [batch = 0, threads = 0, runs = 0] = [1, 2, 3].map((index) => Number(argument(index)));
  const from = await stepModel(await readModel(argument(0)));
  const asked = new AskedForms();
  stepGraph(from, batch, asked);
  const beganChoosing = performance.now();
  const record = await timeForms(asked.questions, { threads, context: quietContext() });
  const choosing = performance.now() - beganChoosing;
  const beganBuilding = performance.now();
  const graph = stepGraph(from, batch, fixedForms(record));
  const building = performance.now() - beganBuilding;
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
  await session.close();
  printMeasured(shortest, { processorMs: (user + system) / 1000 / runs, building, choosing });
}

void main();
