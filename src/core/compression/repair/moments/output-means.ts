import { inferShapes } from '../../../analysis/shapes';
import type { Model, Weight } from '../../../model/model';
import { FreshNames } from '../../graph/fresh-names';
import { outputsOf, type MatrixLayer } from '../matrix-layers';
import type { RepairContext } from '../repair';
import { asOutput, constant, observeSamples, put, reduced, type GrowingGraph } from './growing-graph';
import { twinGraph } from './twin-graph';

/** Samples a run: outputs are reduced inside the session. */
const MOST_IN_RUN = 32;

/**
 * How far the mean of each output channel of some layers is from the float model's, over the calibration samples, with
 * the weights of `changed` in place of the model's own. Layers that cannot be compared are left out.
 * @throws EdgewiseError `cancelled`, `bad-data`, `runtime`
 */
export async function outputShifts(
  float: Model,
  changed: ReadonlyMap<string, Weight>,
  layers: readonly MatrixLayer[],
  context: RepairContext,
): Promise<ReadonlyMap<MatrixLayer, Float64Array>> {
  const names = new FreshNames(float.graph);
  const twin = twinGraph(
    float.graph,
    changed,
    layers.map(({ output }) => output),
    names,
  );
  if (twin === null) return new Map();
  const graph: GrowingGraph = {
    opset: float.opsets.get('') ?? 1,
    names,
    nodes: [...twin.nodes],
    weights: new Map(twin.weights),
    outputs: [],
  };
  const types = inferShapes(float);
  const sums = layers.flatMap((layer) => {
    const rounded = twin.roundedName(layer.output);
    const rank =
      layer.node.opType === 'Conv' ? layer.weight.shape.length : (types.get(layer.output)?.shape?.length ?? 0);
    if (rounded === layer.output || rank < 2) return [];
    const difference = channelSums(graph, layer, put(graph, 'Sub', [rounded, layer.output]), rank);
    return [{ layer, ...difference, shift: new Float64Array(outputsOf(layer.matrix)), counted: 0 }];
  });
  await observeSamples(float, graph, context, MOST_IN_RUN, (outputs) => {
    for (const each of sums) {
      const seen = outputs[each.sum]?.data ?? [];
      each.shift.forEach((sum, channel) => {
        each.shift[channel] = sum + Number(seen[channel] ?? 0);
      });
      each.counted += Number(outputs[each.elements]?.data[0] ?? 0) / each.shift.length;
    }
  });
  return new Map(sums.map(({ layer, shift, counted }) => [layer, shift.map((sum) => sum / Math.max(1, counted))]));
}

/** The sums of a value over all axes but that of its channels, and its number of elements. */
function channelSums(
  graph: GrowingGraph,
  { node }: MatrixLayer,
  value: string,
  rank: number,
): { sum: string; elements: string } {
  const channels = node.opType === 'Conv' ? 1 : rank - 1;
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== channels);
  const elements = put(graph, 'Reshape', [put(graph, 'Size', [value]), constant(graph, [1])]);
  graph.outputs.push({ name: elements, type: { dtype: 'int64', shape: [1] } });
  return { sum: asOutput(graph, reduced(graph, 'ReduceSum', value, axes)), elements };
}
