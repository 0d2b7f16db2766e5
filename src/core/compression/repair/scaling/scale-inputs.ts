import { openWeights } from '../../../formats/weight-reader';
import type { Model, Weight } from '../../../model/model';
import { readFloats } from '../../graph/float-weights';
import { float32Weight } from '../../graph/new-weights';
import { divideOutputs, multiplyInputs } from '../equalization/channel-ranges';
import { withWeights } from '../moments/collect';
import type { ScalableInput } from './scalable-inputs';

/** The model with each input's channels divided by these scales, and what reads them multiplied. */
export async function withScaledInputs(model: Model, scales: ReadonlyMap<ScalableInput, Float64Array>): Promise<Model> {
  const reader = await openWeights(model);
  const changed = new Map<string, Weight>();
  // A layer may be scaled on both sides.
  const change = async (weight: Weight, edit: (values: Float32Array) => void): Promise<void> => {
    const values = await readFloats(reader, changed.get(weight.name) ?? weight);
    edit(values);
    changed.set(weight.name, float32Weight(weight.name, weight.shape, values));
  };
  try {
    for (const [{ readers, vectors, maker, channels }, scale] of scales) {
      for (const vector of vectors) {
        await change(vector, (values) => {
          for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / (scale[at] ?? 1);
        });
      }
      if (maker !== null) {
        await change(maker.weight, (values) => {
          divideOutputs(maker, values, scale);
        });
      }
      for (const layer of readers) {
        await change(layer.weight, (values) => {
          multiplyInputs(layer, values, channels, scale);
        });
      }
    }
    return withWeights(model, changed);
  } finally {
    await reader.close();
  }
}
