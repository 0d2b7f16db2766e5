import { inferShapes } from '../../../analysis/shapes';
import type { Model, Node, Weight } from '../../../model/model';
import { FreshNames } from '../../graph/fresh-names';
import { newNode } from '../../graph/new-nodes';
import { float32Weight } from '../../graph/new-weights';
import { tidy } from '../../graph/tidy';
import { asOutput, observeSamples, reduced, type GrowingGraph } from '../moments/growing-graph';
import type { RepairContext } from '../repair';
import type { Link } from './links';

/** Samples a run: activations are reduced inside the session. */
const MOST_IN_RUN = 32;

/**
 * The largest value of each channel that the calibration samples bring to the clips, by clip; null without samples.
 * Clips whose number of dimensions is not known are left out.
 */
export async function clipPeaks(
  model: Model,
  clips: readonly Node[],
  context: RepairContext,
): Promise<ReadonlyMap<Node, Float64Array> | null> {
  if (context.calibration === null) return null;
  const types = inferShapes(model);
  const graph: GrowingGraph = {
    opset: model.opsets.get('') ?? 1,
    names: new FreshNames(model.graph),
    nodes: [...model.graph.nodes],
    weights: new Map(model.graph.weights),
    outputs: [],
  };
  const observed = new Map<Node, string>();
  for (const clip of clips) {
    const value = clip.inputs[0] ?? '';
    const rank = types.get(value)?.shape?.length;
    if (rank === undefined || rank < 2) continue;
    const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1);
    observed.set(clip, asOutput(graph, reduced(graph, 'ReduceMax', value, axes)));
  }
  const peaks = new Map<Node, Float64Array>();
  await observeSamples(model, graph, context, MOST_IN_RUN, (outputs) => {
    for (const [clip, output] of observed) {
      const seen = Float64Array.from(outputs[output]?.data ?? [], Number);
      const known = peaks.get(clip);
      peaks.set(clip, known === undefined ? seen : known.map((peak, channel) => Math.max(peak, seen[channel] ?? peak)));
    }
  });
  return peaks;
}

/**
 * A clip whose bound follows its channels: `Min(Relu(x), bound / scale)`, the same function for `x / scale` as the clip
 * was for `x`.
 */
export function withScaledClips(model: Model, scaled: ReadonlyMap<Link, Float64Array>): Model {
  if (scaled.size === 0) return model;
  const types = inferShapes(model);
  const names = new FreshNames(model.graph);
  const weights = new Map(model.graph.weights);
  const replaced = new Map<Node, Node[]>();
  for (const [{ clip, channels }, scale] of scaled) {
    if (clip === null) continue;
    const bounds = Float32Array.from(scale, (each) => clip.bound / each);
    const rank = types.get(clip.node.inputs[0] ?? '')?.shape?.length ?? 4;
    const weight = boundsWeight(names.like(`${clip.node.outputs[0] ?? ''}_bound`), bounds, channels, rank);
    weights.set(weight.name, weight);
    const positive = names.numbered('r');
    replaced.set(clip.node, [
      {
        ...newNode('Relu', [clip.node.inputs[0] ?? ''], [positive]),
        name: clip.node.name,
        metadata: clip.node.metadata,
      },
      newNode('Min', [positive, weight.name], clip.node.outputs),
    ]);
  }
  const nodes = model.graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  return { ...model, graph: tidy({ ...model.graph, nodes, weights }) };
}

function boundsWeight(name: string, bounds: Float32Array, channels: number, rank: number): Weight {
  return float32Weight(name, [channels, ...new Array<number>(Math.max(0, rank - 2)).fill(1)], bounds);
}
