import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFloats } from '../../../src/core/compression/graph/float-weights';
import { newNode } from '../../../src/core/compression/graph/new-nodes';
import type { DataSet } from '../../../src/core/evaluation/data';
import { subset } from '../../../src/core/evaluation/data/subset';
import { openWeights } from '../../../src/core/formats/weight-reader';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { trainSchema, type TrainStep } from '../../../src/core/recipe/train.schema';
import { crossEntropy } from '../../../src/core/training/losses/cross-entropy';
import { trainModel, type Trained, type TrainRequest } from '../../../src/core/training/train-model';
import { checkpointFile } from '../../../src/core/training/trainer/checkpoint-file';
import { scratchFolder } from '../compression/running';
import { pointSet, smallNetwork } from './small-network';

const folder = scratchFolder();
const [TRAIN, SELECTION] = [pointSet(640, 2), pointSet(128, 3)];

interface Run extends Trained {
  readonly said: readonly string[];
}

async function train(step: Partial<TrainStep>, parts: Partial<TrainRequest> = {}): Promise<Run> {
  const said: string[] = [];
  const trained = await trainModel({
    ...{ model: smallNetwork(), file: 'points.onnx', loss: crossEntropy(), train: TRAIN, selection: SELECTION },
    ...{ step: trainSchema.parse({ epochs: 2, batch: 64, rate: 0.02, threads: 1, ...step }), context: quietContext() },
    warn: (sentence) => said.push(sentence),
    ...parts,
  });
  return { ...trained, said };
}

function withLabel(set: DataSet, place: number, label: number): DataSet {
  const labels = set.labels?.slice() ?? new Int32Array(set.length);
  labels[place] = label;
  return { ...set, labels };
}

describe('labels that the model does not have', () => {
  it.each([7, -1])('%i in the middle: found before the first step, by its place in the file', async (label) => {
    const positions = Int32Array.from({ length: 600 }, (_, at) => at + 40);
    const set = subset(withLabel(TRAIN, 517, label), positions);
    const events: string[] = [];
    const onEvent: TrainRequest['onEvent'] = ({ kind }) => void events.push(kind);
    await expect(train({}, { train: set, onEvent })).rejects.toThrow(
      `"points" gives sample 517 the label ${label}, and the model has 2 classes, 0 to 1.`,
    );
    expect(events).toEqual([]);
  });
});

describe('a loss that is no number any more', () => {
  it('keeps the best weights before it, and says where it overflowed', async () => {
    const { outcome, values, said } = await train({
      optimizer: 'sgd',
      rate: 1e15,
      schedule: 'constant',
      evaluateEvery: 1,
    });
    expect(outcome.ended).toBe('overflowed');
    expect(said).toEqual([
      expect.stringMatching(/not a number .* overflowed first in .*Training ended there, with the best weights before/),
    ]);
    for (const value of values.values()) expect(value.every(Number.isFinite)).toBe(true);
  });

  it('is an error where no weights were judged before', async () => {
    await expect(train({ optimizer: 'sgd', rate: 1e30, epochs: 1 })).rejects.toThrow(/No weights were judged before/);
  });
});

describe('an operator without a gradient', () => {
  const withOperator = (model: Model, nodes: Model['graph']['nodes']): Model => ({
    ...model,
    graph: { ...model.graph, nodes },
  });

  it('in the middle: what is behind it learns, what is before it stays, and it is named', async () => {
    const model = smallNetwork();
    const [first, , last] = model.graph.nodes;
    const hard = { ...newNode('Hardmax', ['sums'], ['active']), name: 'gate' };
    const { values, said } = await train({}, { model: withOperator(model, first && last ? [first, hard, last] : []) });
    expect(said).toEqual([
      'There is no gradient for Hardmax ("gate"): 2 weights before it stayed as they were, and the 2 behind it were trained.',
    ]);
    expect([...values.keys()]).toEqual(['second.weight', 'second.bias']);
    const reader = await openWeights(model);
    const weight = model.graph.weights.get('second.weight');
    expect(values.get('second.weight')).not.toEqual(weight && (await readFloats(reader, weight)));
    await reader.close();
  });

  it('at the end: an error that names it', async () => {
    const model = smallNetwork();
    const [first, middle, last] = model.graph.nodes;
    if (!first || !middle || !last) throw new Error('three nodes');
    const scores = { ...last, outputs: ['sharp'] };
    const hard = { ...newNode('Hardmax', ['sharp'], ['scores']), name: 'gate' };
    await expect(train({}, { model: withOperator(model, [first, middle, scores, hard]) })).rejects.toThrow(
      /no gradient for Hardmax \("gate"\), and nothing behind it in "points\.onnx" would learn/,
    );
  });
});

describe('a checkpoint', () => {
  it('that cannot be written ends the keeping and not the training, and is said once', async () => {
    const store = checkpointFile(path.join(folder, 'gone', 'a.checkpoint'), 'one');
    const { outcome, said } = await train({ epochs: 3 }, { checkpoints: store });
    expect(outcome.ended).toBe('finished');
    expect(said).toEqual([
      expect.stringMatching(/^Training went on without a checkpoint, which could not be written: /),
    ]);
  });

  it('for which the disk has no space leaves nothing half there', async () => {
    const small = path.join(folder, 'small disk');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4096', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      console.log('Skipped: a small disk can only be made by root, where mounting is allowed.');
      return;
    }
    try {
      const checkpoints = checkpointFile(path.join(small, 'a.checkpoint'), 'one');
      const { outcome, said } = await train({}, { model: smallNetwork(256), checkpoints });
      expect(outcome.ended).toBe('finished');
      expect(said).toEqual([expect.stringMatching(/without a checkpoint.*"a\.checkpoint" needs .*the disk has/)]);
      expect(readdirSync(small)).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', small], { stdio: 'ignore' });
    }
  });

  it('that is cut short, or of another training, is passed over with a sentence', async () => {
    const file = path.join(folder, 'b.checkpoint');
    await train({}, { checkpoints: checkpointFile(file, 'one') });
    const said: string[] = [];
    const read = (identity: string) => checkpointFile(file, identity, (sentence) => said.push(sentence)).read();
    expect((await read('one'))?.step).toBe(20);
    expect(await read('two')).toBeNull();
    writeFileSync(file, readFileSync(file).subarray(0, -5));
    expect(await read('one')).toBeNull();
    expect(said).toEqual([
      'A checkpoint was passed over, since it is of another model, recipe or data: training begins anew.',
      'A checkpoint was passed over, since it is cut short or damaged: training begins anew.',
    ]);
  });
});
