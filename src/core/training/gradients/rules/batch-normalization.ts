import { floatAttribute, withAttributes } from '../../../compression/graph/attributes';
import { elementsOf } from '../../../model/model';
import { add, div, mul, neg, reciprocal, sqrt, square, sub } from '../../graph/arithmetic';
import type { GraphBuilder } from '../../graph/builder';
import { reduceMean, reduceSum } from '../../graph/reduction';
import { flat, reshape } from '../../graph/shaping';
import { float32, Term } from '../../graph/term';
import type { RuleFamily } from '../family';
import type { GradientRule, TrainingCall } from '../rule';

/** One number a channel: the mean and the variance that values are normalized by. */
interface Statistics {
  readonly mean: Term;
  readonly variance: Term;
}

/** ONNX's defaults. */
const EPSILON = 1e-5;
const MOMENTUM = 0.9;
/** The operator set from which the operator has a form for training. */
const TRAINING_MODE_SINCE = 14;

/** All axes but the channels'. */
const acrossChannels = ({ shape }: Term): readonly number[] => shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));

const perChannel = (build: GraphBuilder, values: Term, { shape }: Term): Term =>
  reshape(
    build,
    values,
    shape.map((length, axis) => (axis === 1 ? length : 1)),
  );

/** `scale * x + shift` by channels in one pass over the memory, which no other operator does. */
function affine(build: GraphBuilder, x: Term, scale: Term, shift: Term): Term {
  const [zeros, ones] = [build.constant(0, scale.shape), build.constant(1, scale.shape)];
  return build.one('BatchNormalization', [x, scale, shift, zeros, ones], float32(x.shape), {
    epsilon: { kind: 'float', value: 0 },
  });
}

/**
 * Gradients of `y = scale * (x - mean) / deviation + bias`. With statistics of the batch the input moves them too:
 * `dx = scale / deviation * (dy - mean(dy) - normalized * mean(dy * normalized))` (Ioffe and Szegedy 2015), written as
 * `dy + slope * x + shift` by channels, so that the memory is passed over three times.
 */
const gradientOf =
  (epsilon: number, { mean, variance }: Statistics, ofBatch: boolean): GradientRule =>
  ({ build, inputs: [x, scale], gradients: [dy], wanted }) => {
    if (!x || !scale || !dy) return [];
    const axes = acrossChannels(x);
    const inverse = reciprocal(build, sqrt(build, add(build, variance, epsilon)));
    const factor = mul(build, scale, inverse);
    const scaled = (term: Term): Term => mul(build, term, perChannel(build, factor, x));
    if (!ofBatch && !wanted[1])
      return [wanted[0] ? scaled(dy) : null, null, wanted[2] ? reduceSum(build, dy, axes, { keep: false }) : null];
    const biasGradient = reduceSum(build, dy, axes, { keep: false });
    const products = reduceSum(build, mul(build, dy, x), axes, { keep: false });
    const scaleGradient = mul(build, sub(build, products, mul(build, mean, biasGradient)), inverse);
    const towardsInput = (): Term => {
      if (!ofBatch) return scaled(dy);
      const count = elementsOf(x.shape) / (x.shape[1] ?? 1);
      const slope = neg(build, div(build, mul(build, scaleGradient, inverse), count));
      const shift = neg(build, add(build, mul(build, slope, mean), div(build, biasGradient, count)));
      return scaled(add(build, dy, affine(build, x, slope, shift)));
    };
    return [wanted[0] ? towardsInput() : null, wanted[1] ? scaleGradient : null, wanted[2] ? biasGradient : null];
  };

/** Normalizes by the batch into the term `y`, and gives mean and variance (of the population) of the batch. */
function normalize({ build, node, inputs }: TrainingCall, x: Term, y: Term): Statistics {
  const [, scale, bias, runningMean, runningVariance] = inputs;
  const channels = x.shape[1] ?? 1;
  const statistic = (): Term => new Term(build.names.numbered('ew:t'), 'float32', [channels]);
  const emit = (mean: Term, variance: Term, outputs: readonly Term[], isTraining: boolean): void => {
    const read = [x, scale ?? null, bias ?? null, mean, variance];
    const written = withAttributes(node, {
      ...{ training_mode: isTraining ? { kind: 'int', value: 1 } : undefined },
      // What comes out is then the batch's alone.
      ...{ momentum: isTraining ? { kind: 'float', value: 0 } : undefined },
    });
    const names = { inputs: read.map((input) => input?.name ?? ''), outputs: outputs.map(({ name }) => name) };
    build.emitNode({ ...written, ...names }, read, outputs);
  };
  if (build.opset >= TRAINING_MODE_SINCE && runningMean && runningVariance) {
    const [mean, variance] = [statistic(), statistic()];
    // The runtime writes these outputs over the buffers of these inputs, constants and weights included, so they are
    // values that nothing else reads; which ones does not matter.
    emit(neg(build, runningMean), neg(build, runningVariance), [y, mean, variance], true);
    return { mean, variance };
  }
  const axes = acrossChannels(x);
  const kept = reduceMean(build, x, axes);
  const mean = flat(build, kept);
  const variance = reduceMean(build, square(build, sub(build, x, kept)), axes, { keep: false });
  emit(mean, variance, [y], false);
  return { mean, variance };
}

/** The running statistics move by `1 - momentum`; the variance as PyTorch has it, of the sample. */
function updateRunning({ build, node, inputs, update }: TrainingCall, x: Term, batch: Statistics): void {
  const momentum = floatAttribute(node, 'momentum', MOMENTUM);
  const count = elementsOf(x.shape) / (x.shape[1] ?? 1);
  const ofSample = count > 1 ? mul(build, batch.variance, count / (count - 1)) : batch.variance;
  [batch.mean, ofSample].forEach((value, index) => {
    const [running, weight] = [inputs[3 + index], node.inputs[3 + index]];
    if (!running || weight === undefined) return;
    update(weight, add(build, mul(build, running, momentum), mul(build, value, 1 - momentum)));
  });
}

function forTraining(call: TrainingCall): readonly Term[] {
  const { build, node, inputs, outputs, mode } = call;
  const [x = null, scale = null, bias = null, mean = null, variance = null] = inputs;
  const [y] = outputs;
  if (!x || !y) return outputs;
  const epsilon = floatAttribute(node, 'epsilon', EPSILON);
  if (mode.normalization === 'training') {
    const batch = build.unrecorded(() => normalize(call, x, y));
    build.unrecorded(() => {
      updateRunning(call, x, batch);
    });
    return build.primitive(node, [x, scale, bias], () => [y], gradientOf(epsilon, batch, true));
  }
  const read = [x, scale, bias, mean, variance];
  const names = { inputs: read.map((input) => input?.name ?? ''), outputs: [y.name] };
  build.emitNode({ ...withAttributes(node, { training_mode: undefined }), ...names }, read, [y]);
  return [y];
}

export const BATCH_NORMALIZATION: RuleFamily = {
  BatchNormalization: {
    forTraining,
    /** By running statistics, which are constants. */
    gradient: (call) => {
      const [, , , mean, variance] = call.inputs;
      if (!mean || !variance) return [];
      return gradientOf(floatAttribute(call.node, 'epsilon', EPSILON), { mean, variance }, false)(call);
    },
  },
};
