import type { WeightPlan, WeightScheme } from '../../compression/encodings/scheme';
import { planStatic } from '../../compression/quantization/static';
import type { CompactWeights } from '../compact-weights';
import { spreadOf } from './grid';
import type { LearnedModel } from './learned-model';
import type { LearnedLayer } from './learned-weights';
import type { AwareModel } from './prepare-aware';
import { storedScheme } from './stored-scheme';

/** Schemes for the weights of a learned model: on the very grids on which its layers compute. */
export async function kernelSchemes(
  { layers, keep, widest }: AwareModel,
  learned: LearnedModel,
  compact: CompactWeights | null,
): Promise<WeightPlan> {
  const { choices, plan } = await planStatic(learned.model, { keep: [...keep], given: new Map() });
  const schemes = new Map<string, WeightScheme>();
  const done = new Set<string>();
  for (const [node, choice] of choices.layers) {
    const computed = learned.layers.get(node.outputs[0] ?? '');
    if (!computed?.grid) continue;
    const { bits, turned, of } = computed.grid;
    const source = plan.values.get(node.inputs[0] ?? '') ?? '';
    const read = learned.activations.get(source)?.scale ?? 1;
    const steps = stepsThatHoldBias(computed, read / spreadOf(bits, widest));
    const stored = turned && bits === UNEVEN_BITS ? UNEVEN_BITS + 1 : bits;
    const scheme = storedScheme(stored, steps.length === 1 ? null : choice.channelAxis, steps, true);
    schemes.set(choice.weight.name, compact?.scheme(of, scheme, computed.weight, true) ?? scheme);
    done.add(of);
  }
  for (const { weight, bits, axis } of layers) {
    const steps = learned.weights.get(weight.name)?.steps;
    if (steps && !done.has(weight.name)) schemes.set(weight.name, storedScheme(bits, axis, steps, false));
  }
  return schemes;
}

/** Codes of 2 bits have no other sign for channels that a normalization has turned while it learned: those take 3. */
const UNEVEN_BITS = 2;
/** Kernels round biases to int32; half of it leaves room for the products. */
const LARGEST_BIAS = 2 ** 30;

/**
 * A normalization may make a channel next to nothing beside its bias, which then is more steps than kernels count: the
 * step grows, and the channel's codes with it become zeros.
 */
function stepsThatHoldBias({ grid, bias }: LearnedLayer, unit: number): Float32Array {
  const steps = grid?.steps ?? new Float32Array(0);
  const alone = steps.length === 1;
  const largest = bias?.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? 0;
  return steps.map((step, channel) => {
    const held = alone ? largest : Math.abs(bias?.[channel] ?? 0);
    const least = held / (LARGEST_BIAS * unit);
    if (step > 0 && step >= least) return step;
    return least > 0 ? least : 1;
  });
}
