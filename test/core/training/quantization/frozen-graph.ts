import type { DataSet } from '../../../../src/core/evaluation/data';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { readFloats } from '../../../../src/core/compression/graph/float-weights';
import { openWeights } from '../../../../src/core/formats/weight-reader';
import type { Weight } from '../../../../src/core/model/model';
import { openSession } from '../../../../src/core/runtime/session';
import type { VariableValues } from '../../../../src/core/training/evaluation-model';
import { withFoldedNormalization } from '../../../../src/core/training/folded-normalization';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { LABELS } from '../../../../src/core/training/losses/loss';
import { batchDims } from '../../../../src/core/training/model-inputs';
import { sgd } from '../../../../src/core/training/optimizers/sgd';
import { awareTransform } from '../../../../src/core/training/quantization/aware-transform';
import type { AwareModel } from '../../../../src/core/training/quantization/prepare-aware';
import { trainableWeights } from '../../../../src/core/training/trainable';
import { TrainingState } from '../../../../src/core/training/trainer/state';
import { buildTrainingGraph } from '../../../../src/core/training/training-graph';
import type { Answers } from './exported';

const BATCH = 100;

/** What the graph that trains, once normalization is frozen, gives for every sample. */
export async function trainingAnswers(
  { model, plan }: AwareModel,
  values: VariableValues,
  set: DataSet,
): Promise<Answers> {
  const { learned, running } = trainableWeights(model);
  const graph = buildTrainingGraph(withFoldedNormalization(model), {
    ...{ dims: batchDims(model, BATCH), mode: { normalization: 'frozen', dropout: true } },
    ...{ learned: await numbersOf(learned), running: await numbersOf(running), loss: crossEntropy() },
    ...{ optimizer: sgd({ momentum: 0, nesterov: false }), transforms: [awareTransform(plan)] },
  });
  const state = new TrainingState(graph);
  state.change(values);
  const session = await openSession(await encodeOnnx(graph.model), {
    ...{ threads: 1, configuration: { 'session.disable_quant_qdq': '1' } },
  });
  const parts: number[] = [];
  for (let first = 0; first < set.length; first += BATCH) {
    const positions = Array.from({ length: BATCH }, (_, at) => first + at);
    const { inputs } = await set.batch(positions);
    const data = BigInt64Array.from(positions, (position) => BigInt(set.labels?.[position] ?? 0));
    const labels = { [LABELS]: { dtype: 'int64' as const, shape: [BATCH], data } };
    const feeds = state.feeds(0, { rate: 0, update: 1, apply: true, seed: 1 });
    const answers = await session.run({ ...inputs, ...labels, ...feeds }, [graph.scores]);
    parts.push(...Array.from(answers[graph.scores]?.data ?? [], Number));
  }
  await session.close();
  const width = parts.length / set.length;
  const classes = Array.from({ length: set.length }, (_, sample) => {
    const row = parts.slice(sample * width, (sample + 1) * width);
    return row.indexOf(Math.max(...row));
  });
  return { classes, scores: Float32Array.from(parts), width };

  async function numbersOf(weights: readonly Weight[]): Promise<Map<string, Float32Array>> {
    const reader = await openWeights(model);
    const numbers = new Map<string, Float32Array>();
    for (const weight of weights) numbers.set(weight.name, await readFloats(reader, weight));
    await reader.close();
    return numbers;
  }
}
