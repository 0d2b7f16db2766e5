import { describe, expect, it } from 'vitest';
import { newNode } from '../../../../src/core/compression/graph/new-nodes';
import { float32Weight, int64Weight } from '../../../../src/core/compression/graph/new-weights';
import type { DataSet } from '../../../../src/core/evaluation/data';
import { elementsOf, type Attribute, type Model, type Node, type Weight } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { trainSchema } from '../../../../src/core/recipe/train.schema';
import { freeForStep } from '../../../../src/core/training/free-batch/for-step';
import { fixedBatchOf } from '../../../../src/core/training/model-inputs';
import { seeded } from '../gradients/check';

const LENGTH = 12;
const WIDTH = 6;
const int = (value: number): Attribute => ({ kind: 'int', value });
const ints = (...value: number[]): Attribute => ({ kind: 'ints', value });

/** A network whose nodes read `x` of `[batch, 12, 6]`, and what it gives as `y`. */
class FixedNetwork {
  private readonly weights: Weight[] = [];
  private readonly nodes: Node[] = [];
  private readonly random = seeded(5);

  constructor(readonly batch: number) {}

  weight(name: string, shape: readonly number[]): string {
    const numbers = Float32Array.from({ length: elementsOf(shape) }, () => this.random() - 0.5);
    this.weights.push(float32Weight(name, shape, numbers));
    return name;
  }

  integers(...numbers: number[]): string {
    const name = `numbers${this.weights.length}`;
    this.weights.push(int64Weight(name, numbers));
    return name;
  }

  node(opType: string, inputs: string[], outputs: string[], attributes: Record<string, Attribute> = {}): this {
    this.nodes.push(newNode(opType, inputs, outputs, attributes));
    return this;
  }

  get model(): Model {
    const { nodes, weights, batch } = this;
    return {
      ...{ format: 'onnx', formatVersion: 'IR 8', producer: '', opsets: new Map([['', 17]]), metadata: new Map() },
      ...{ functions: [], files: [] },
      graph: {
        ...{ name: 'fixed', nodes, values: new Map(), weights: new Map(weights.map((each) => [each.name, each])) },
        inputs: [{ name: 'x', type: { dtype: 'float32', shape: [batch, LENGTH, WIDTH] } }],
        outputs: [{ name: 'y', type: { dtype: 'float32', shape: null } }],
      },
    };
  }
}

const SET: DataSet = {
  ...{ source: 'numbers', length: 64, labels: null, classNames: null },
  inputs: { x: { dtype: 'float32', shape: [LENGTH, WIDTH] } },
  batch: (indices) => {
    const data = Float32Array.from(
      [...indices].flatMap((index) => {
        const random = seeded(index + 1);
        return Array.from({ length: LENGTH * WIDTH }, () => random() - 0.5);
      }),
    );
    return Promise.resolve({ inputs: { x: { dtype: 'float32', shape: [indices.length, LENGTH, WIDTH], data } } });
  },
  picture: () => Promise.resolve(null),
};

interface Freed {
  readonly model: Model | null;
  readonly said: string;
}

async function freed(network: FixedNetwork, batch = 16): Promise<Freed> {
  const said: string[] = [];
  const model = await freeForStep(network.model, trainSchema.parse({ batch }), {
    ...{ data: SET, file: 'net.onnx', job: quietContext(), warn: (sentence: string) => said.push(sentence) },
  });
  return { model, said: said.join('\n') };
}

/** The networks that exporters write for an input of a fixed batch. */
const WAYS: Readonly<Record<string, (network: FixedNetwork) => void>> = {
  'nothing but an input'(network) {
    network.node('MatMul', ['x', network.weight('w', [WIDTH, 3])], ['y']);
  },
  'a Reshape before the last layer'(network) {
    const { batch } = network;
    network.node('Reshape', ['x', network.integers(batch, LENGTH * WIDTH)], ['flat']);
    network.node('Gemm', ['flat', network.weight('w', [LENGTH * WIDTH, 3])], ['y']);
  },
  'a Reshape with a length left open'(network) {
    network.node('Reshape', ['x', network.integers(network.batch, -1)], ['flat']);
    network.node('Gemm', ['flat', network.weight('w', [LENGTH * WIDTH, 3])], ['y']);
  },
  'heads of attention beside the batch'(network) {
    const { batch } = network;
    network.node('Reshape', ['x', network.integers(batch, LENGTH, 2, WIDTH / 2)], ['heads']);
    network.node('Transpose', ['heads'], ['queries'], { perm: ints(0, 2, 1, 3) });
    network.node('Transpose', ['heads'], ['keys'], { perm: ints(0, 2, 3, 1) });
    network.node('MatMul', ['queries', 'keys'], ['scores']).node('Softmax', ['scores'], ['shares'], { axis: int(-1) });
    network
      .node('MatMul', ['shares', 'queries'], ['mixed'])
      .node('Transpose', ['mixed'], ['back'], { perm: ints(0, 2, 1, 3) });
    network.node('Reshape', ['back', network.integers(batch, LENGTH, WIDTH)], ['y']);
  },
  'heads within the batch, behind the length of the text'(network) {
    const { batch } = network;
    network.node('Transpose', ['x'], ['text'], { perm: ints(1, 0, 2) });
    network.node('Reshape', ['text', network.integers(LENGTH, batch * 2, WIDTH / 2)], ['heads']);
    network.node('Transpose', ['heads'], ['queries'], { perm: ints(1, 0, 2) });
    network.node('Transpose', ['heads'], ['keys'], { perm: ints(1, 2, 0) });
    network.node('MatMul', ['queries', 'keys'], ['scores']).node('Softmax', ['scores'], ['shares'], { axis: int(-1) });
    network
      .node('MatMul', ['shares', 'queries'], ['mixed'])
      .node('Transpose', ['mixed'], ['back'], { perm: ints(1, 0, 2) });
    network.node('Reshape', ['back', network.integers(LENGTH, batch, WIDTH)], ['together']);
    network.node('Transpose', ['together'], ['y'], { perm: ints(1, 0, 2) });
  },
  'a token that stands before each sample'(network) {
    network.node('Concat', [network.weight('token', [1, 1, WIDTH]), 'x'], ['all'], { axis: int(1) });
    network.node('Add', ['all', network.weight('places', [1, LENGTH + 1, WIDTH])], ['y']);
  },
  'first states of a recurrent layer'(network) {
    network.node('Transpose', ['x'], ['text'], { perm: ints(1, 0, 2) });
    const inputs = [
      ...['text', network.weight('w', [1, 16, WIDTH]), network.weight('r', [1, 16, 4]), network.weight('b', [1, 32])],
      ...['', network.weight('h', [1, network.batch, 4]), network.weight('c', [1, network.batch, 4])],
    ];
    network.node('LSTM', inputs, ['', 'last'], { hidden_size: int(4) });
    network.node('Transpose', ['last'], ['y'], { perm: ints(1, 0, 2) });
  },
  'sizes of a Resize'(network) {
    network.node('Unsqueeze', ['x', network.integers(1)], ['picture']);
    const sizes = network.integers(network.batch, 1, 2 * LENGTH, 2 * WIDTH);
    network.node('Resize', ['picture', '', '', sizes], ['y'], { mode: { kind: 'string', value: 'nearest' } });
  },
};

describe('a network that is fixed to a batch', () => {
  it.each(Object.entries(WAYS))('learns from more samples at once: %s', async (_, write) => {
    const network = new FixedNetwork(1);
    write(network);
    const { model, said } = await freed(network);
    expect(said).toBe('"net.onnx" takes one sample a run, and learned from 16 a step: it answers them alike.');
    expect(model && fixedBatchOf(model)).toBeNull();
    expect(model?.graph.outputs[0]?.type.shape?.[0]).toBe('batch');
    const constants = [...network.model.graph.weights.values()].filter(({ dtype }) => dtype === 'float32');
    for (const weight of constants) expect(model?.graph.weights.get(weight.name)).toBe(weight);
  });

  it.each(['a Reshape before the last layer', 'heads of attention beside the batch', 'sizes of a Resize'])(
    'of several: %s',
    async (way) => {
      const network = new FixedNetwork(4);
      WAYS[way]?.(network);
      expect((await freed(network)).said).toMatch(/^"net.onnx" takes 4 samples a run, and learned from 16 a step/);
    },
  );

  it('keeps its batch where samples have to do with one another', async () => {
    const network = new FixedNetwork(4);
    network.node('ReduceMean', ['x'], ['mean'], { axes: ints(0), keepdims: int(1) }).node('Sub', ['x', 'mean'], ['y']);
    const { model, said } = await freed(network);
    expect(model).toBeNull();
    expect(said).toBe(
      '"net.onnx" takes 4 samples a run and could not be shown to answer more alike, so it learned from 4 samples a step. Export it with a free batch to train with --batch 16.',
    );
  });

  it('keeps its batch where the runtime does not take another', async () => {
    const network = new FixedNetwork(1);
    network.node('Squeeze', ['x'], ['one']).node('Gemm', ['one', network.weight('w', [WIDTH, 3])], ['z']);
    network.node('Unsqueeze', ['z', network.integers(0)], ['y']);
    expect((await freed(network)).said).toMatch(/could not be shown to answer more alike/);
  });

  it('is left alone where its batch is the one that is wanted', async () => {
    const network = new FixedNetwork(16);
    WAYS['nothing but an input']?.(network);
    expect(await freed(network)).toEqual({ model: null, said: '' });
  });
});
