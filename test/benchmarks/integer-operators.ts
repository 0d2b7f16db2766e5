import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layersOf } from '../../src/core/analysis/layers';
import { quantizeStatic } from '../../src/core/compression/quantization/static';
import { compareLatency } from '../../src/core/evaluation/latency';
import { encodeOnnx } from '../../src/core/formats/onnx/encode';
import { readModel } from '../../src/core/formats';
import type { Attribute, Model, Node } from '../../src/core/model/model';
import { quietContext } from '../../src/core/progress';
import { openSession } from '../../src/core/runtime/session';
import { float, initializer, int, ints, model, node, value } from '../core/compression/models';
import { random, samples, tensor } from '../core/quantization/networks';

const CHANNELS = 32;
const SIZE = 56;
const SHAPE = [CHANNELS, SIZE, SIZE];
const CALIBRATION = 8;

const text = (value: string): Attribute => ({ kind: 'string', value });
const window = { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1) };

/** What stands between two layers, from `a` (and `b`, another layer's output) to `o`. */
const BETWEEN: Readonly<Record<string, readonly Node[]>> = {
  nothing: [node('Identity', ['a'], ['o'])],
  Relu: [node('Relu', ['a'], ['o'])],
  Add: [node('Add', ['a', 'b'], ['o'])],
  'Add, Relu': [node('Add', ['a', 'b'], ['s']), node('Relu', ['s'], ['o'])],
  'Mul by a gate': [
    node('GlobalAveragePool', ['b'], ['g']),
    node('Sigmoid', ['g'], ['h']),
    node('Mul', ['a', 'h'], ['o']),
  ],
  'Sigmoid, Mul': [node('Sigmoid', ['a'], ['s']), node('Mul', ['a', 's'], ['o'])],
  HardSwish: [node('HardSwish', ['a'], ['o'])],
  LeakyRelu: [node('LeakyRelu', ['a'], ['o'], { alpha: float(0.1) })],
  Concat: [node('Concat', ['a', 'b'], ['t'], { axis: int(1) }), node('Slice', ['t', 'zero', 'half', 'one'], ['o'])],
  AveragePool: [node('AveragePool', ['a'], ['o'], window)],
  MaxPool: [node('MaxPool', ['a'], ['o'], window)],
  'Resize, nearest': [resize('nearest')],
  'Resize, linear': [resize('linear')],
  Softmax: [node('Softmax', ['a'], ['o'], { axis: int(1) })],
  LayerNormalization: [node('LayerNormalization', ['a', 'gain', 'shift'], ['o'])],
  Erf: [node('Erf', ['a'], ['o'])],
};

/** Slower in integers: they are also measured as floats between integer layers, conversions and all. */
const LEFT_FLOAT: ReadonlySet<string> = new Set(['AveragePool', 'Resize, nearest']);

function resize(mode: string): Node {
  const places = { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('floor') };
  return node('Resize', ['a', '', 'scales'], ['o'], { mode: text(mode), ...places });
}

function block(between: readonly Node[]): Model {
  const filter = (name: string, seed: number) =>
    initializer(
      name,
      [CHANNELS, CHANNELS, 1, 1],
      random(CHANNELS ** 2, seed).map((each) => each / 4),
    );
  return model({
    nodes: [
      node('Conv', ['x', 'a.weight'], ['a']),
      node('Conv', ['x', 'b.weight'], ['b']),
      ...between,
      node('Conv', ['o', 'c.weight'], ['y']),
    ],
    weights: [
      ...['a.weight', 'b.weight', 'c.weight'].map(filter),
      initializer('scales', [4], Float32Array.of(1, 1, 2, 2)),
      initializer('gain', [SIZE], random(SIZE, 5)),
      initializer('shift', [SIZE], random(SIZE, 6)),
      initializer('zero', [1], BigInt64Array.of(0n), 'int64'),
      initializer('half', [1], BigInt64Array.of(BigInt(CHANNELS)), 'int64'),
      initializer('one', [1], BigInt64Array.of(1n), 'int64'),
    ],
    inputs: [value('x', ['n', ...SHAPE])],
    outputs: [value('y', ['n', CHANNELS, 'h', 'w'])],
  });
}

/**
 * What each operator between two layers costs in float and as static int8 has it, one image, one thread, in alternating
 * runs; and what ONNX Runtime makes of the latter. The choice for each operator is in the table of
 * `quantization/static/operators`.
 */
export default async function integerOperators(report: (line: string) => void): Promise<void> {
  const wanted = process.env['EDGEWISE_BENCHMARK_OPERATORS']?.split(';');
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise operators '));
  try {
    for (const [name, between] of Object.entries(BETWEEN)) {
      if (wanted !== undefined && !wanted.includes(name)) continue;
      report(await measured(name, block(between), folder));
      if (LEFT_FLOAT.has(name)) report(await measured(`${name}, left float`, block(between), folder, between));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param float nodes that are to stay float between integer layers */
async function measured(name: string, given: Model, folder: string, float: readonly Node[] = []): Promise<string> {
  const keep = layersOf(given).flatMap((layer) => (float.includes(layer.node) ? [layer.name] : []));
  const elements = CHANNELS * SIZE * SIZE;
  const calibration = samples(CALIBRATION, 'x', SHAPE, (index) => random(elements, index));
  const { model: result } = await quantizeStatic(given, {
    calibration,
    granularity: 'channel',
    keep,
    samples: CALIBRATION,
    reduceRange: false,
    context: quietContext(),
  });
  const optimizedPath = path.join(folder, 'optimized.onnx');
  const before = await openSession(await encodeOnnx(given), { threads: 1 });
  const after = await openSession(await encodeOnnx(result), { threads: 1, optimizedPath });
  const { graph } = await readModel(optimizedPath);
  const feeds = { x: tensor([1, ...SHAPE], random(elements, 99)) };
  const latency = await compareLatency(
    { session: before, feeds, batch: 1 },
    { session: after, feeds, batch: 1 },
    { context: quietContext() },
  );
  await before.close();
  await after.close();
  const ratio = (latency.after.median / latency.before.median).toFixed(2);
  const times = `${latency.before.median.toFixed(3)} ms in float, ${latency.after.median.toFixed(3)} ms`;
  return `${name}: ${times} (${ratio} times): ${graph.nodes.map(({ opType }) => opType).join(' ')}`;
}
