import { describe, expect, test } from 'vitest';
import { inferShapes } from '../../../src/core/analysis/shapes';
import { summarize } from '../../../src/core/analysis/summary';
import { modelSummarySchema } from '../../../src/core/analysis/summary.schema';
import type { DType } from '../../../src/core/model/dtype';
import { DTYPES } from '../../../src/core/model/dtype';
import type { Dimension, Graph, Model, Node } from '../../../src/core/model/model';
import { floats, graph, integers, model, node, value, weight } from './graphs';

/** A small generator with a seed (mulberry32), so that a failing graph can be made again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const OPERATORS =
  'Add And ArgMax Attention AveragePool BatchNormalization Cast CastLike Clip Compress Concat Constant ConstantOfShape Conv ConvInteger ConvTranspose DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear Einsum Equal Expand EyeLike Flatten GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GridSample Identity If LSTM LayerNormalization Less Loop MatMul MatMulInteger MatMulNBits Max MaxPool Mean Min Mod Mul Neg NonMaxSuppression NonZero Not OneHot Or PRelu Pad Pow QGemm QLinearConcat QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal Range ReduceMean ReduceProd Relu Reshape Resize Scan ScatterND Shape Size SkipLayerNormalization Slice Softmax SpaceToDepth Split Sqrt Squeeze Sub Sum Tile TopK Transpose Trilu Unknown Unsqueeze Upsample Where'.split(
    ' ',
  );
const ATTRIBUTES =
  'axis axes perm pads strides dilations kernel_shape group auto_pad keepdims to transA transB split num_outputs hidden_size direction blocksize starts ends mode scales shape equation value k start end block_size K N bits num_scan_inputs scan_input_axes broadcast output_shape'.split(
    ' ',
  );
const NUMBERS = [-(2 ** 53), -(2 ** 31), -3, -1, 0, 1, 2, 3, 7, 64, 2 ** 31 - 1, 2 ** 53];
const LENGTHS: Dimension[] = [0, 1, 2, 3, 7, 2 ** 31, 2 ** 52, -1, 0.5, NaN, 'n', 'n*2', '(((', '', '-', null];

function randomModel(seed: number): Model {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const list = <T>(most: number, make: () => T): T[] => Array.from({ length: random(most + 1) }, make);
  const shape = (): Dimension[] => list(5, () => pick(LENGTHS));
  const names = Array.from({ length: 12 }, (_, index) => `v${index}`);

  const randomNode = (depth: number): Node => {
    const attributes = list(5, (): [string, Parameters<typeof node>[3]] => [pick(ATTRIBUTES), undefined]).map(
      ([name]) => {
        const kinds = [
          pick(NUMBERS),
          0.5,
          pick(['SAME_UPPER', 'VALID', 'ab,bc->ac', '->', '']),
          list(4, () => pick(NUMBERS)),
          integers(
            't',
            list(4, () => pick([-1, 0, 1, 5])),
          ),
        ];
        return [name, pick(kinds)] as const;
      },
    );
    const branches = depth < 3 && random(4) === 0 ? ['then_branch', 'else_branch', 'body'] : [];
    return node(
      pick(OPERATORS),
      list(6, () => pick([...names, 'w0', 'w1', 'i0', 'f0', ''])),
      list(3, () => pick([...names, ''])),
      {
        domain: pick(['', '', '', 'com.microsoft', 'elsewhere']),
        name: pick(['', '/a/b/Conv', 'x/y', '/']),
        attributes: Object.fromEntries([
          ...attributes,
          ...branches.map((name) => [name, randomGraph(depth + 1)] as const),
        ]),
      },
    );
  };
  const randomGraph = (depth: number): Graph =>
    graph({
      nodes: list(depth === 0 ? 20 : 5, () => randomNode(depth)),
      inputs: list(3, () =>
        value(pick(names), random(4) === 0 ? null : shape(), pick<DType | null>([...DTYPES, null])),
      ),
      outputs: list(3, () => value(pick(names), random(2) === 0 ? null : shape())),
      weights: [
        weight(
          'w0',
          list(4, () => random(5)),
          pick(DTYPES),
        ),
        weight('w1', [random(4), 3], 'int8'),
        integers(
          'i0',
          list(4, () => pick([-5, -1, 0, 1, 2, 9])),
        ),
        floats('f0', [0.5, NaN, 1e30]),
      ],
    });
  return model({ nodes: [] }, { graph: randomGraph(0), opsets: new Map([['', pick([1, 6, 9, 13, 20])]]) });
}

describe('random graphs', () => {
  test('never throw, and their summaries are valid', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const built = randomModel(seed);
      const summary = summarize(built, { dims: seed % 2 === 0 ? {} : { n: 3 } });
      expect(modelSummarySchema.safeParse(summary).success, `seed ${seed}`).toBe(true);
      expect(new Set(summary.layers.map((layer) => layer.name)).size, `seed ${seed}`).toBe(summary.layers.length);
    }
  });
});

describe('graphs made to hang or overflow', () => {
  test('a cycle', () => {
    const built = model({
      nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Identity', ['c'], ['c'])],
      inputs: [value('x', [1, 4])],
      outputs: [value('b', null)],
    });
    expect(summarize(built).layers.map((layer) => layer.operator)).toEqual(['Add', 'Relu']);
  });

  test('weights behind a cycle and behind a long chain of nodes', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => node('Identity', [`c${index}`], [`c${index + 1}`]));
    const built = model({
      nodes: [
        ...chain,
        node('Transpose', ['u'], ['t']),
        node('Transpose', ['t'], ['u']),
        node('MatMul', ['c50000', 'u'], ['y']),
      ],
      weights: [weight('c0', [4, 4])],
    });
    expect(summarize(built).layers.map((layer) => layer.operator)).toEqual(['Transpose', 'Transpose', 'MatMul']);
  });

  test('shapes whose product no number can hold', () => {
    const huge = Array.from({ length: 60 }, () => 2 ** 50);
    const built = model({
      nodes: [node('Flatten', ['x'], ['f']), node('ConstantOfShape', ['t'], ['c']), node('Expand', ['x', 't'], ['e'])],
      inputs: [value('x', huge)],
      outputs: [value('f', null)],
      weights: [integers('t', huge)],
    });
    expect(inferShapes(built).get('f')?.shape).toEqual([2 ** 50, null]);
    expect(summarize(built).peakActivationBytes).toBeNull();
  });

  test('an expression that doubles with every node', () => {
    const nodes = Array.from({ length: 200 }, (_, index) =>
      node('Concat', [`x${index}`, `x${index}`], [`x${index + 1}`], { attributes: { axis: 0 } }),
    );
    const squares = Array.from({ length: 60 }, (_, index) =>
      node('Einsum', [`x${index}`], ['z'], { attributes: { equation: 'a->aa' } }),
    );
    const built = model({ nodes: [...nodes, ...squares], inputs: [value('x0', ['n*m+k'])] });
    expect(inferShapes(built).get('x3')?.shape).toEqual(['k*8+m*n*8']);
    expect(inferShapes(built).get('x200')?.shape).toEqual([null]);
  });

  test('subgraphs that nest a thousand deep, and loops in loops that would multiply', () => {
    let inner = graph({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [value('i', []), value('c', [])],
      outputs: [value('c', null)],
    });
    for (let depth = 0; depth < 1000; depth += 1) {
      inner = graph({
        nodes: [node('Loop', ['', ''], [`l${depth}`], { attributes: { body: inner } })],
        inputs: [value('i', []), value('c', [])],
        outputs: [value('c', null)],
      });
    }
    const built = model({
      nodes: [node('Loop', ['', ''], ['l'], { attributes: { body: inner } })],
      inputs: [value('x', [1])],
    });
    expect(summarize(built).macs).toBeNull();
  });

  test('twenty thousand layers', () => {
    const nodes = Array.from({ length: 20_000 }, (_, index) =>
      node('Conv', [`x${index}`, 'w'], [`x${index + 1}`], {
        name: `/blocks/blocks.${index}/conv/Conv`,
        attributes: { pads: [1, 1, 1, 1] },
      }),
    );
    const built = model({
      nodes,
      weights: [weight('w', [8, 8, 3, 3])],
      inputs: [value('x0', ['n', 8, 16, 16])],
      outputs: [value('x20000', null)],
    });
    const summary = summarize(built);
    expect(summary.layers).toHaveLength(20_000);
    expect(summary.layers[19_999]).toMatchObject({ name: 'blocks.19999.conv', parameters: 0, macs: 16 * 16 * 8 * 72 });
    expect(summary.macs).toBe(20_000 * 16 * 16 * 8 * 72);
  });
});
