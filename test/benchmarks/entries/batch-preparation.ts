import { fashionBatches } from './fashion-batches';
import { argument, printMeasured } from './measured';

/** Batches before anything counts: the thread has started, and code is compiled. */
const WARMING = 10;

/** `SHARED main|thread BATCH BATCHES`: some batches, taken as fast as they come. */
async function main(): Promise<void> {
  const [size, count] = [Number(argument(2)), Number(argument(3))];
  const place = argument(1) === 'thread' ? 'thread' : 'main';
  const { batches, close } = await fashionBatches(argument(0), 'lenet5', size, place);
  for (let step = 0; step < WARMING; step++) await batches.feeds(step);
  const began = performance.now();
  for (let step = WARMING; step < WARMING + count; step++) await batches.feeds(step);
  const ms = performance.now() - began;
  await close();
  printMeasured(ms, { imagesPerSecond: (1000 * size * count) / ms });
}

void main();
