import { openWeights } from '../../../formats/weight-reader';
import type { Model } from '../../../model/model';
import { divideOutputs, multiplyInputs } from '../equalization/channel-ranges';
import { WeightEdits } from '../weight-edits';
import type { ScalableInput } from './scalable-inputs';

/** The model with each input's channels divided by these scales, and what reads them multiplied. */
export async function withScaledInputs(model: Model, scales: ReadonlyMap<ScalableInput, Float64Array>): Promise<Model> {
  const reader = await openWeights(model);
  const edits = new WeightEdits(model, reader);
  try {
    // A layer may be scaled on both sides.
    for (const [{ readers, vectors, maker, channels }, scale] of scales) {
      for (const vector of vectors) {
        await edits.edit(vector, (values) => {
          for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / (scale[at] ?? 1);
        });
      }
      if (maker !== null) {
        await edits.edit(maker.weight, (values) => {
          divideOutputs(maker, values, scale);
        });
      }
      for (const layer of readers) {
        await edits.edit(layer.weight, (values) => {
          multiplyInputs(layer, values, channels, scale);
        });
      }
    }
    return edits.result();
  } finally {
    await reader.close();
  }
}
