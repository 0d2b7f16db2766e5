import { indexGraph } from '../../../analysis/graph-order';
import { openWeights } from '../../../formats/weight-reader';
import type { Model } from '../../../model/model';
import { intAttribute } from '../../graph/attributes';
import { readFloats } from '../../graph/float-weights';
import { weightBehind } from '../../graph/weight-behind';
import { unclipped, type ChannelStatistics, type ValueStatistics } from './channel-statistics';

/**
 * What leaves the batch normalizations of a model: on the data that it was trained on each channel has the mean `bias`
 * and the deviation `|scale|`. Empty where there is none, as in models that were exported with it folded.
 */
export async function normalizedStatistics(model: Model): Promise<ValueStatistics> {
  const found = new Map<string, ChannelStatistics>();
  const index = indexGraph(model.graph);
  const reader = await openWeights(model);
  try {
    for (const node of model.graph.nodes) {
      if (node.opType !== 'BatchNormalization' || intAttribute(node, 'training_mode', 0) !== 0) continue;
      const scale = weightBehind(node.inputs[1], index);
      const bias = weightBehind(node.inputs[2], index);
      if (scale?.dtype !== 'float32' || bias?.dtype !== 'float32') continue;
      const mean = Float64Array.from(await readFloats(reader, bias));
      const deviation = Float64Array.from(await readFloats(reader, scale), Math.abs);
      found.set(node.outputs[0] ?? '', unclipped(mean, deviation));
    }
    return found;
  } finally {
    await reader.close();
  }
}
