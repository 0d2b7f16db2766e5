import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { quietContext } from '../../../../src/core/progress';
import { trainSchema, type AwareOptions } from '../../../../src/core/recipe/train.schema';
import { openSession } from '../../../../src/core/runtime/session';
import { evaluationModel } from '../../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import {
  awareTransform,
  type AwarePlan,
  type AwareWeight,
} from '../../../../src/core/training/quantization/aware-transform';
import type { WeightBits } from '../../../../src/core/training/quantization/grid';
import { METHODS } from '../../../../src/core/training/quantization/methods';
import { trainModel } from '../../../../src/core/training/train-model';
import { pointSet, smallNetwork } from '../small-network';

const MODEL = smallNetwork(32);
const RANGES = { points: { min: -1, max: 1 }, active: { min: 0, max: 3 } };

/** Every weight of the network in so many bits, and what both layers read. */
async function planOf(method: AwareOptions['method'], bits: WeightBits, activations: number): Promise<AwarePlan> {
  const weights = new Map<string, AwareWeight>();
  for (const name of ['first.weight', 'second.weight']) {
    const { data, shape = [] } = MODEL.graph.weights.get(name) ?? {};
    const bytes = data?.kind === 'bytes' ? Uint8Array.from(data.bytes) : new Uint8Array(0);
    const axis = METHODS[method].channels && bits !== 'binary' ? 0 : null;
    weights.set(name, { shape, bits, axis, start: new Float32Array(bytes.buffer) });
  }
  return Promise.resolve({
    ...{ method: METHODS[method], widest: 8, layers: new Set<string>() },
    weights,
    activations: new Map(
      Object.entries(RANGES).map(([source, range]) => [source, { bits: activations, source, range }]),
    ),
    readsCodes: (node, input) => node.opType === 'Gemm' && input === 0,
  });
}

describe.each(Object.keys(METHODS) as AwareOptions['method'][])('training with weights of few bits by %s', (method) => {
  it.each([4, 2, 'ternary', 'binary'] as const)('learns with %s weights and 8-bit activations', async (bits) => {
    const plan = await planOf(method, bits, 8);
    const { values, outcome } = await trainModel({
      ...{ model: MODEL, file: 'small.onnx', loss: crossEntropy(), transforms: [awareTransform(plan)] },
      step: trainSchema.parse({ epochs: 20, batch: 64, rate: 0.02, threads: 1 }),
      ...{ train: pointSet(1024, 2), selection: pointSet(256, 3), context: quietContext() },
    });
    expect(outcome.bestValue).toBeGreaterThan(bits === 'binary' || bits === 'ternary' ? 0.85 : 0.9);
    for (const [name, value] of values) expect(value.every(Number.isFinite), name).toBe(true);
  });

  it('computes with no more values than the bits allow, and the last of training is what is evaluated', async () => {
    const plan = await planOf(method, 2, 4);
    const model = evaluationModel(MODEL, new Map(), [awareTransform(plan)]);
    const reads = model.graph.nodes
      .filter(({ opType }) => opType === 'Gemm')
      .flatMap(({ inputs }) => inputs.slice(0, 2));
    const outputs = reads.map((name) => ({ name, type: { dtype: 'float32' as const, shape: null } }));
    const session = await openSession(
      await encodeOnnx({ ...model, graph: { ...model.graph, outputs: [...model.graph.outputs, ...outputs] } }),
    );
    const batch = await pointSet(500, 4).batch(Array.from({ length: 500 }, (_, index) => index));
    const answers = await session.run(batch.inputs);
    await session.close();
    const distinct = reads.map((name) => {
      const { data, shape } = answers[name] ?? { data: new Float32Array(0), shape: [0, 0] };
      const row = shape[1] ?? 1;
      const values = Array.from(data, Number);
      return new Set(METHODS[method].channels ? values.slice(0, row) : values).size;
    });
    const [points = 0, first = 0, active = 0, second = 0] = distinct;
    expect(Math.max(first, second)).toBeLessThanOrEqual(4);
    expect(Math.max(points, active)).toBeLessThanOrEqual(16);
  });
});
