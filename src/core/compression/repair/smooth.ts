import { openWeights } from '../../formats/weight-reader';
import type { Model } from '../../model/model';
import type { WeightPlan } from '../encodings/scheme';
import { FreshNames } from '../graph/fresh-names';
import { readFloats } from '../graph/float-weights';
import { inputPeaks } from './equalization/channel-ranges';
import { asOutput, constant, observeSamples, put, reduced, type GrowingGraph } from './moments/growing-graph';
import type { RepairContext, Repaired, RepairPass } from './repair';
import { scalableInputs, type ScalableInput } from './scaling/scalable-inputs';
import { withScaledInputs } from './scaling/scale-inputs';

/** SmoothQuant's strength: half of the difficulty goes from activations to weights. */
const ALPHA = 0.5;
/** A channel that is never far from zero is as good as silent; its scale would be noise. */
const LEAST_PEAK = 1e-5;
/** Samples a run: activations are reduced inside the session. */
const MOST_IN_RUN = 32;

export const smooth: RepairPass = {
  name: 'smooth',
  title: 'Smoothing activations',
  needs: 'calibration',
  keepsFunction: true,
  run: smoothInputs,
};

/**
 * SmoothQuant (Xiao et al. 2022): channels of what products of matrices read are divided by
 * `max|x|^0.5 / max|w|^0.5`, and the weights multiplied, so that no channel stands out among the 8-bit codes of
 * activations. Normalizations before them take the scales in: a float model computes the same.
 */
async function smoothInputs(model: Model, plan: WeightPlan, context: RepairContext): Promise<Repaired> {
  const inputs = scalableInputs(model).filter(
    ({ maker, readers }) => maker === null && readers.some(({ weight }) => plan.has(weight.name)),
  );
  if (inputs.length === 0) {
    context.warn(
      'Smoothing changed nothing: no product of matrices reads what a normalization with its own scale makes.',
    );
    return { model, plan };
  }
  const peaks = await activationPeaks(model, inputs, context);
  const scales = new Map<ScalableInput, Float64Array>();
  const reader = await openWeights(model);
  try {
    for (const input of inputs) {
      const weights = new Float64Array(input.channels);
      for (const layer of input.readers) {
        const values = await readFloats(reader, layer.weight);
        inputPeaks(layer, values, input.channels).forEach((peak, channel) => {
          weights[channel] = Math.max(weights[channel] ?? 0, peak);
        });
      }
      const activations = peaks.get(input) ?? new Float64Array(0);
      scales.set(
        input,
        weights.map((weight, channel) => smoothingScale(activations[channel] ?? 0, weight)),
      );
    }
  } finally {
    await reader.close();
  }
  return { model: await withScaledInputs(model, scales), plan };
}

function smoothingScale(activation: number, weight: number): number {
  const scale = Math.max(activation, LEAST_PEAK) ** ALPHA / Math.max(weight, LEAST_PEAK) ** (1 - ALPHA);
  return Number.isFinite(scale) ? scale : 1;
}

/** The largest magnitude of each channel, which lie last. */
async function activationPeaks(
  model: Model,
  inputs: readonly ScalableInput[],
  context: RepairContext,
): Promise<Map<ScalableInput, Float64Array>> {
  const graph: GrowingGraph = {
    opset: model.opsets.get('') ?? 1,
    names: new FreshNames(model.graph),
    nodes: [...model.graph.nodes],
    weights: new Map(model.graph.weights),
    outputs: [],
  };
  const observed = inputs.map((input) => {
    const rows = put(graph, 'Reshape', [input.value, constant(graph, [-1, input.channels])]);
    return { input, output: asOutput(graph, reduced(graph, 'ReduceMax', put(graph, 'Abs', [rows]), [0])) };
  });
  const peaks = new Map(inputs.map((input) => [input, new Float64Array(input.channels)]));
  await observeSamples(model, graph, context, MOST_IN_RUN, (outputs) => {
    for (const { input, output } of observed) {
      const known = peaks.get(input);
      const seen = outputs[output]?.data ?? [];
      known?.forEach((peak, channel) => {
        known[channel] = Math.max(peak, Number(seen[channel] ?? 0));
      });
    }
  });
  return peaks;
}
