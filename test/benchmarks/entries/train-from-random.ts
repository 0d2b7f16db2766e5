import { judge } from '../../../src/core/evaluation/judge';
import { openRoles } from '../../../src/core/evaluation/data';
import { randomNumbers } from '../../../src/core/evaluation/data/split';
import { summarize } from '../../../src/core/analysis/summary';
import { float32Weight } from '../../../src/core/compression/graph/new-weights';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { elementsOf, type Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { trainSchema } from '../../../src/core/recipe/train.schema';
import { openSession } from '../../../src/core/runtime/session';
import { withTrainedWeights } from '../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../src/core/training/losses/cross-entropy';
import { trainModel } from '../../../src/core/training/train-model';
import { trainableWeights } from '../../../src/core/training/trainable';
import { argument, printMeasured } from './measured';

/** `MODEL DATA SEED EPOCHS THREADS`: trains a network from random weights; its accuracy on the test images, 0 to 1. */
async function main(): Promise<void> {
  const [seed = 1, epochs = 1, threads = 2] = [2, 3, 4].map((index) => Number(argument(index)));
  const model = withRandomWeights(await readModel(argument(0)), seed);
  const train = 'train-images-idx3-ubyte.gz';
  const roles = await openRoles(
    { calibration: train, test: 't10k-images-idx3-ubyte.gz' },
    argument(1),
    summarize(model).inputs,
    { calibrationSamples: Infinity },
  );
  if (roles.calibration === null || roles.test === null) throw new Error('There are no data.');
  const context = quietContext();
  const step = trainSchema.parse({ epochs, threads, seed, rate: 1e-3, weightDecay: 1e-4 });
  const { values, outcome } = await trainModel({
    ...{ model, file: argument(0), step, loss: crossEntropy(), train: roles.calibration, selection: null, context },
  });
  const session = await openSession(await encodeOnnx(withTrainedWeights(model, values)), { threads });
  const request = { set: roles.test, reference: null, referenceOutputs: null, extra: [], stage: 'Testing', context };
  const { judged } = await judge(session, request);
  await session.close();
  await roles.close();
  printMeasured(outcome.trainingMs, { accuracy: judged.value ?? NaN, imagesPerSecond: outcome.samplesPerSecond });
}

/** As PyTorch begins: weights and biases even from -b to b, `b = 1 / sqrt(inputs of one output)`. */
function withRandomWeights(model: Model, seed: number): Model {
  const random = randomNumbers(seed);
  const { learned } = trainableWeights(model);
  const inputs = new Map(
    model.graph.nodes.flatMap((node) => {
      const weight = learned.find(({ name }) => name === node.inputs[1]);
      const bound = weight ? 1 / Math.sqrt(elementsOf(weight.shape.slice(1))) : 1;
      return node.inputs.slice(1).map((name) => [name, bound] as const);
    }),
  );
  const values = new Map(
    learned.map(({ name, shape }) => {
      const bound = inputs.get(name) ?? 1;
      const numbers = Float32Array.from({ length: elementsOf(shape) }, () => (2 * random() - 1) * bound);
      return [name, float32Weight(name, shape, numbers)] as const;
    }),
  );
  return { ...model, graph: { ...model.graph, weights: new Map([...model.graph.weights, ...values]) } };
}

void main();
