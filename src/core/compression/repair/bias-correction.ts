import { openWeights } from '../../formats/weight-reader';
import type { Model, Weight } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { WeightPlan } from '../encodings/scheme';
import { readFloats } from '../graph/float-weights';
import { float32Weight } from '../graph/new-weights';
import { withZeroBiases } from './layer-biases';
import { matrixLayers } from './matrix-layers';
import { withWeights } from './moments/collect';
import { outputShifts } from './moments/output-means';
import { quantizedWeights } from './quantized-weights';
import type { RepairContext, Repaired, RepairPass } from './repair';
import { roundsOf } from './rounds';

export const biasCorrection: RepairPass = {
  name: 'bias-correction',
  title: 'Correcting biases',
  needsCalibration: true,
  keepsFunction: false,
  run: correctBiases,
};

/**
 * Empirical bias correction (Nagel et al. 2019): what the encoded weights of a layer shift the mean of each of its
 * output channels by, over the calibration samples, is taken off its bias, layer by layer in the order in which they
 * run. Products of matrices without a bias stay.
 */
async function correctBiases(given: Model, plan: WeightPlan, context: RepairContext): Promise<Repaired> {
  const isPlanned = (name: string): boolean => {
    const kind = plan.get(name)?.kind;
    return kind !== undefined && kind !== 'dense';
  };
  const model = withZeroBiases(
    given,
    matrixLayers(given).filter(({ weight }) => isPlanned(weight.name)),
  );
  const layers = matrixLayers(model).flatMap((layer) =>
    layer.bias !== null && isPlanned(layer.weight.name) ? [{ layer, bias: layer.bias }] : [],
  );
  const reader = await openWeights(model);
  try {
    const changed = await quantizedWeights(model, reader, plan, context.job.signal);
    const biases = new Map<string, Weight>();
    let done = 0;
    for (const round of roundsOf(layers, () => 0, Infinity)) {
      throwIfCancelled(context.job.signal);
      const shifts = await outputShifts(
        model,
        changed,
        round.map(({ layer }) => layer),
        context,
      );
      for (const { layer, bias } of round) {
        const shift = shifts.get(layer);
        context.job.progress({ stage: biasCorrection.title, done: ++done, total: layers.length, unit: 'layers' });
        if (shift === undefined || !shift.every(Number.isFinite)) continue;
        const numbers = (await readFloats(reader, bias)).map((value, channel) => value - (shift[channel] ?? 0));
        const corrected = float32Weight(bias.name, bias.shape, numbers);
        biases.set(bias.name, corrected);
        changed.set(bias.name, corrected);
      }
    }
    return { model: withWeights(model, biases), plan };
  } finally {
    await reader.close();
  }
}
