import { openWeights, type WeightReader } from '../../formats/weight-reader';
import type { Model, Weight } from '../../model/model';
import { throwIfCancelled } from '../../progress';
import type { WeightPlan } from '../encodings/scheme';
import { readFloats } from '../graph/float-weights';
import { float32Weight } from '../graph/new-weights';
import { withZeroBiases } from './layer-biases';
import { matrixLayers, type MatrixLayer } from './matrix-layers';
import { withWeights } from './moments/collect';
import { outputShifts } from './moments/output-means';
import { quantizedWeights } from './quantized-weights';
import { hasSamples, type RepairContext, type Repaired, type RepairPass } from './repair';
import { roundsOf } from './rounds';
import { ExpectedShifts } from './statistics/expected-shifts';

export const biasCorrection: RepairPass = {
  name: 'bias-correction',
  title: 'Correcting biases',
  needs: 'calibration or statistics',
  keepsFunction: false,
  run: correctBiases,
};

/**
 * Bias correction (Nagel et al. 2019): what the encoded weights of a layer shift the mean of each of its output channels
 * by is taken off its bias. Over the calibration samples, layer by layer in the order in which they run; without
 * samples, by what batch normalization says of the layer's inputs. Products of matrices without a bias stay.
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
    const rounded = await quantizedWeights(model, reader, plan, context.job.signal);
    const correction = { model, layers, rounded, reader, context };
    const biases = hasSamples(context) ? await bySamples(correction) : await byStatistics(correction);
    return { model: withWeights(model, biases), plan };
  } finally {
    await reader.close();
  }
}

interface Correction {
  readonly model: Model;
  readonly layers: readonly { readonly layer: MatrixLayer; readonly bias: Weight }[];
  /** Weights as they will be read back, by name. */
  readonly rounded: ReadonlyMap<string, Weight>;
  readonly reader: WeightReader;
  readonly context: RepairContext;
}

async function bySamples({ model, layers, rounded, reader, context }: Correction): Promise<Map<string, Weight>> {
  const changed = new Map(rounded);
  const biases = new Map<string, Weight>();
  let done = 0;
  for (const round of roundsOf(layers, () => 0, Infinity)) {
    throwIfCancelled(context.job.signal);
    const inRound = round.map(({ layer }) => layer);
    const shifts = await outputShifts(model, changed, inRound, context);
    for (const { layer, bias } of round) {
      const corrected = await without(shifts.get(layer), bias, reader);
      context.job.progress({ stage: biasCorrection.title, done: ++done, total: layers.length, unit: 'layers' });
      if (corrected === null) continue;
      biases.set(bias.name, corrected);
      changed.set(bias.name, corrected);
    }
  }
  return biases;
}

async function byStatistics({ model, layers, rounded, reader, context }: Correction): Promise<Map<string, Weight>> {
  const shifts = new ExpectedShifts(model.graph, context.statistics ?? new Map());
  const biases = new Map<string, Weight>();
  const unknown: string[] = [];
  for (const [done, { layer, bias }] of layers.entries()) {
    throwIfCancelled(context.job.signal);
    context.job.progress({ stage: biasCorrection.title, done, total: layers.length, unit: 'layers' });
    const after = rounded.get(layer.weight.name);
    if (after === undefined || !shifts.knows(layer)) {
      unknown.push(layer.name);
      continue;
    }
    const [before, encoded] = [await readFloats(reader, layer.weight), await readFloats(reader, after)];
    const corrected = await without(shifts.of(layer, before, encoded), bias, reader);
    if (corrected !== null) biases.set(bias.name, corrected);
  }
  if (unknown.length > 0) context.warn(unknownInputs(unknown));
  return biases;
}

function unknownInputs(layers: readonly string[]): string {
  return `Not corrected without calibration data, since batch normalization does not tell what they read: ${layers.join(', ')}.`;
}

/** A bias with a shift taken off; null where there is none that can be. */
async function without(shift: Float64Array | undefined, bias: Weight, reader: WeightReader): Promise<Weight | null> {
  if (shift?.every(Number.isFinite) !== true) return null;
  const numbers = (await readFloats(reader, bias)).map((value, channel) => value - (shift[channel] ?? 0));
  return float32Weight(bias.name, bias.shape, numbers);
}
