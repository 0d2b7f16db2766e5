import { inferShapes } from '../../../analysis/shapes';
import { elementsOf, type Model, type Weight } from '../../../model/model';
import type { Tensor } from '../../../runtime/tensor';
import { FreshNames } from '../../graph/fresh-names';
import type { MatrixLayer } from '../matrix-layers';
import type { RepairContext } from '../repair';
import { observeSamples, type GrowingGraph } from './growing-graph';
import { MomentSums, type Moments } from './moments';
import { canThin, columnsOf, countOfColumns, sumOfColumns, sumOfProducts, type Columns } from './moment-nodes';
import { twinGraph } from './twin-graph';

/** float32 bytes of columns that one run makes: bounds the session's memory, whatever the images' size. */
const COLUMN_BYTES = 64 * 1024 ** 2;
/** Columns for each unknown of a layer beyond which more tell nothing new. */
const COLUMNS_AN_UNKNOWN = 64;
const FLOAT32_BYTES = 4;

type Outputs = Readonly<Record<string, Tensor>>;

/** Names of the outputs that tell of one layer. */
interface Observed {
  readonly layer: MatrixLayer;
  readonly sums: MomentSums;
  readonly count: string;
  readonly sum: string;
  readonly second: string;
  readonly floatSum: string | null;
  readonly cross: string | null;
}

/**
 * The moments of some layers' inputs over the calibration samples: in the float model, and with the weights of
 * `changed` in place of its own. Sums are taken inside the session; only they leave it.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function collectMoments(
  float: Model,
  changed: ReadonlyMap<string, Weight>,
  layers: readonly MatrixLayer[],
  context: RepairContext,
): Promise<ReadonlyMap<MatrixLayer, Moments>> {
  const samples = Math.min(context.samples, context.calibration?.length ?? 0);
  const { graph, observed, mostInRun } = momentGraph(float, changed, layers, samples);
  await observeSamples(float, graph, context, mostInRun, (outputs) => {
    for (const each of observed) takeOutputs(each, outputs);
  });
  return new Map(observed.map(({ layer, sums }) => [layer, sums.means()]));
}

function takeOutputs({ sums, count, sum, second, floatSum, cross }: Observed, outputs: Outputs): void {
  sums.take(Number(outputs[count]?.data[0] ?? 0), {
    sum: floats(outputs[sum]),
    second: floats(outputs[second]),
    ...(floatSum === null ? {} : { floatSum: floats(outputs[floatSum]) }),
    ...(cross === null ? {} : { cross: floats(outputs[cross]) }),
  });
}

function floats(tensor: Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array(0);
}

function momentGraph(
  float: Model,
  changed: ReadonlyMap<string, Weight>,
  layers: readonly MatrixLayer[],
  samples: number,
): { graph: GrowingGraph; observed: Observed[]; mostInRun: number } {
  const names = new FreshNames(float.graph);
  const inputs = layers.map(({ input }) => input);
  // Without a twin, what the rounded model sees stands for both.
  const base =
    twinGraph(float.graph, changed, inputs, names) ??
    twinGraph(withWeights(float, changed).graph, new Map(), inputs, names);
  const graph: GrowingGraph = {
    opset: float.opsets.get('') ?? 1,
    names,
    nodes: [...(base?.nodes ?? [])],
    weights: new Map(base?.weights),
    outputs: [],
  };
  const positions = positionsOf(float);
  let bytes = 0;
  const made = new Map<string, Columns>();
  const observed = layers.map((layer): Observed => {
    const { groups, columns } = layer.matrix;
    const thin = thinning(layer, positions(layer), samples);
    const rounded = base?.roundedName(layer.input) ?? layer.input;
    const twice = rounded !== layer.input;
    bytes += (FLOAT32_BYTES * groups * columns * positions(layer) * (twice ? 2 : 1)) / thin ** 2;
    const of = (value: string): Columns => {
      const key = layer.node.opType === 'Conv' ? `${layer.weight.name} ${value}` : `${columns} ${value}`;
      const known = made.get(key) ?? columnsOf(graph, layer, value, thin);
      made.set(key, known);
      return known;
    };
    const x = of(rounded);
    const seen = twice ? of(layer.input) : null;
    return {
      layer,
      sums: new MomentSums(groups, columns, twice),
      count: countOfColumns(graph, x),
      sum: sumOfColumns(graph, x),
      second: sumOfProducts(graph, x, x),
      floatSum: seen === null ? null : sumOfColumns(graph, seen),
      cross: seen === null ? null : sumOfProducts(graph, seen, x),
    };
  });
  return { graph, observed, mostInRun: Math.max(1, Math.floor(COLUMN_BYTES / Math.max(1, bytes))) };
}

/** Columns that one sample gives a layer; a lower bound where dimensions depend on the input. */
function positionsOf(model: Model): (layer: MatrixLayer) => number {
  const types = inferShapes(model);
  const known = (value: string): number[] =>
    (types.get(value)?.shape ?? []).slice(1).map((size) => (typeof size === 'number' ? size : 1));
  return ({ node, input }) =>
    node.opType === 'Conv' ? elementsOf(known(node.outputs[0] ?? '').slice(1)) : elementsOf(known(input).slice(0, -1));
}

/** Every so many positions an axis that a convolution's columns are taken from. */
function thinning(layer: MatrixLayer, positions: number, samples: number): number {
  if (!canThin(layer)) return 1;
  const axes = layer.weight.shape.length - 2;
  const enough = COLUMNS_AN_UNKNOWN * Math.max(layer.matrix.columns, COLUMNS_AN_UNKNOWN);
  return Math.max(1, Math.floor(((positions * samples) / enough) ** (1 / axes)));
}

/** The model with other weights under the same names. */
export function withWeights(model: Model, changed: ReadonlyMap<string, Weight>): Model {
  if (changed.size === 0) return model;
  return { ...model, graph: { ...model.graph, weights: new Map([...model.graph.weights, ...changed]) } };
}
