import { readModel } from '../../../src/core/formats';
import { argument, printMeasured } from './measured';

/** Opens a model: its structure is ready for the views. */
async function main(): Promise<void> {
  const begin = performance.now();
  const model = await readModel(argument(0));
  printMeasured(performance.now() - begin, { nodes: model.graph.nodes.length, weights: model.graph.weights.size });
}

void main();
