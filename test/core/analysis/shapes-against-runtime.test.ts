import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inferShapes } from '../../../src/core/analysis/shapes';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model, Value } from '../../../src/core/model/model';
import { isTensorDType, type Tensor, zeros } from '../../../src/core/runtime/tensor';
import { openSession } from '../../../src/core/runtime/session';
import { hasShared, sharedPath } from '../../shared';

const NETWORKS = ['lenet5', 'mobilenet_small', 'resnet14', 'vgg_small', 'vit_tiny'];
const BATCH = 2;
/** With values for their symbolic dimensions. `super_resolution.onnx` is not here: ONNX Runtime runs no opset below 7. */
const REAL: { file: string; dims: Record<string, number> }[] = [
  { file: 'models/basic-pitch/nmp.onnx', dims: { unk__749: 1 } },
  { file: 'models/magika/model.onnx', dims: { unk__214: 2 } },
  { file: 'models/silero-vad/silero_vad_16k_op15.onnx', dims: { batch: 1, sequence: 576 } },
];

/** The model without any stated type between nodes, and with every value between nodes as an output. */
function laidOpen(model: Model): Model {
  const stated = new Set(model.graph.outputs.map((output) => output.name));
  const between = model.graph.nodes
    .flatMap((node) => node.outputs)
    .filter((name) => name !== '' && !stated.has(name))
    .map((name): Value => ({ name, type: { dtype: null, shape: null } }));
  return {
    ...model,
    graph: { ...model.graph, values: new Map(), outputs: [...model.graph.outputs, ...between] },
  };
}

function withoutOutputTypes(model: Model): Model {
  const outputs = model.graph.outputs.map((output) => ({ ...output, type: { dtype: null, shape: null } }));
  return { ...model, graph: { ...model.graph, values: new Map(), outputs } };
}

function feeds(model: Model, dims: Record<string, number>): Record<string, Tensor> {
  const inputs = model.graph.inputs.filter((input) => !model.graph.weights.has(input.name));
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const shape = (type.shape ?? []).map((length) =>
        typeof length === 'string' ? (dims[length] ?? 1) : (length ?? 1),
      );
      if (type.dtype === null || !isTensorDType(type.dtype)) throw new Error(`No tensor can be made for ${name}.`);
      return [name, zeros(type.dtype, shape)];
    }),
  );
}

async function expectSameShapes(file: string, dims: Record<string, number>): Promise<void> {
  const model = await readModel(file);
  const inferred = inferShapes(withoutOutputTypes(model), dims);
  const session = await openSession(await encodeOnnx(laidOpen(model)), { disableOptimization: true, threads: 1 });
  const produced = await session.run(feeds(model, dims));
  await session.close();
  const actual = Object.fromEntries(
    Object.entries(produced).map(([name, { dtype, shape }]) => [name, { dtype, shape: [...shape] }]),
  );
  const expected = Object.fromEntries(Object.keys(actual).map((name) => [name, inferred.get(name)]));
  expect(Object.keys(actual).length).toBeGreaterThanOrEqual(model.graph.nodes.length);
  expect(expected).toEqual(actual);
}

describe.skipIf(!hasShared('Shapes of the reference networks', 'zoo'))(
  'shapes agree with what ONNX Runtime produces',
  () => {
    const files = NETWORKS.filter(() => existsSync(sharedPath('zoo'))).flatMap((network) =>
      readdirSync(sharedPath('zoo', network))
        .filter((name) => name.endsWith('.onnx'))
        .map((name) => `zoo/${network}/${name}`),
    );

    test.each(files)('%s', async (file) => {
      await expectSameShapes(sharedPath(file), { batch: BATCH });
    });

    test.each(files)('%s: every shape follows from the batch alone', async (file) => {
      const model = withoutOutputTypes(await readModel(sharedPath(file)));
      const symbolic = inferShapes(model);
      const fixed = inferShapes(model, { batch: BATCH });
      for (const [name, type] of symbolic) {
        expect(type.shape, name).not.toBeNull();
        expect(type.shape, name).not.toContain(null);
        const atBatch = type.shape?.map((length) => evaluated(String(length)));
        expect(atBatch, name).toEqual(fixed.get(name)?.shape);
      }
    });
  },
);

/** "batch*49" for the batch that is run. */
function evaluated(expression: string): number {
  return expression.split('*').reduce((product, factor) => product * (factor === 'batch' ? BATCH : Number(factor)), 1);
}

describe.skipIf(!hasShared('Shapes of real models', 'models'))('shapes of real models agree with ONNX Runtime', () => {
  test.each(REAL)('$file', async ({ file, dims }) => {
    await expectSameShapes(sharedPath(file), dims);
  });
});
