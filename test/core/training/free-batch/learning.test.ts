import { describe, expect, it } from 'vitest';
import type { Model } from '../../../../src/core/model/model';
import { openSession } from '../../../../src/core/runtime/session';
import { pictureNetwork, stripes } from '../picture-network';
import { trainedBy } from '../trained-by-step';

const SET = stripes(320, 1);
const STEP = { epochs: 8, batch: 32, rate: 0.01 };

/** The network as it is exported for one picture. */
function forOnePicture(): Model {
  const model = pictureNetwork();
  const [image] = model.graph.inputs;
  const inputs = image ? [{ ...image, type: { ...image.type, shape: [1, 1, 8, 8] } }] : [];
  const outputs = [{ name: 'scores', type: { dtype: 'float32' as const, shape: [1, 4] } }];
  return { ...model, graph: { ...model.graph, inputs, outputs } };
}

/** Of pictures that are given one by one. */
async function accuracy(bytes: Uint8Array): Promise<number> {
  const session = await openSession(bytes, { threads: 1 });
  let right = 0;
  for (let sample = 0; sample < SET.length; sample++) {
    const { inputs } = await SET.batch([sample]);
    const scores = [...((await session.run(inputs))['scores']?.data ?? [])].map(Number);
    if (scores.indexOf(Math.max(...scores)) === SET.labels?.[sample]) right += 1;
  }
  await session.close();
  return right / SET.length;
}

describe('training a network that takes one picture', () => {
  it('takes steps of the batch that was asked for, and leaves nodes, inputs and outputs as they are', async () => {
    const original = forOnePicture();
    const { model, bytes, trained, warnings } = await trainedBy(original, STEP, SET);
    expect(trained.outcome.steps).toBe(8 * Math.floor((0.9 * SET.length) / 32));
    expect(warnings).toContain('"net.onnx" takes one sample a run, and learned from 32 a step: it answers them alike.');
    expect(model.graph.nodes).toBe(original.graph.nodes);
    expect(model.graph.inputs).toBe(original.graph.inputs);
    expect(await accuracy(bytes)).toBeGreaterThan(0.6);
  });

  it('keeps its batch with weights and activations of few bits', async () => {
    const quantize = { weights: 'int4', activations: 'uint8' };
    const original = forOnePicture();
    const { model, bytes } = await trainedBy(original, { ...STEP, quantize }, SET);
    expect(model.graph.inputs).toEqual(original.graph.inputs);
    expect(model.graph.outputs).toEqual(original.graph.outputs);
    expect(await accuracy(bytes)).toBeGreaterThan(0.6);
  });
});
