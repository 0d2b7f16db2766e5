import { add, div, mul, sqrt, square, sub } from '../graph/arithmetic';
import { reduceMean, reduceSum } from '../graph/reduction';
import { matMul } from '../graph/product';
import { reshape } from '../graph/shaping';
import { elementsOf } from '../../model/model';
import type { GraphBuilder } from '../graph/builder';
import type { Term } from '../graph/term';
import { asClassScores, logSoftmax, softmax } from './cross-entropy';
import { meanSquared } from './distance';
import { teacherOf, type Loss, type LossScope } from './loss';

/**
 * `T^2 * KL(softmax(teacher / T) || softmax(student / T))`, the mean over the batch (Hinton et al. 2015). `T^2` keeps
 * the gradient's size when the temperature changes. The part that does not depend on the student is counted too, so
 * that 0 means equal.
 */
export function distillation(output: string, temperature: number): Loss {
  return ({ build, value, fed }) => {
    const student = asClassScores(build, value(output));
    const [batch = 1] = student.shape;
    const teacher = fed(teacherOf(output), 'float32', student.shape);
    const soft = div(build, teacher, temperature);
    const difference = sub(build, logSoftmax(build, soft), logSoftmax(build, div(build, student, temperature)));
    const divergence = reduceSum(build, mul(build, softmax(build, soft), difference), undefined, { keep: false });
    return mul(build, divergence, temperature ** 2 / batch);
  };
}

export interface HintOptions {
  readonly student: string;
  readonly teacher: string;
  /** What the teacher's value looks like: `[batch, channels, ...]`. */
  readonly teacherShape: readonly number[];
  /** Numbers from 0 to 1 for the start of a projection, where widths differ. */
  readonly random: () => number;
}

/**
 * The squared distance of a value of the student from one of the teacher (FitNets, Romero et al. 2015). Where the
 * student has other channels, a learned projection (a 1x1 convolution) leads from them to the teacher's. Values of three
 * dimensions are tokens, whose features are last.
 */
export function hint({ student, teacher, teacherShape, random }: HintOptions): Loss {
  return ({ build, value, fed, learned }) => {
    const own = value(student);
    const goal = fedValue(build, fed, teacher, [own.shape[0] ?? 1, ...teacherShape.slice(1)]);
    const isTokens = own.shape.length === 3;
    const channels = isTokens ? 2 : 1;
    const [from = 1, to = 1] = [own.shape[channels], goal.shape[channels]];
    if (from === to) return meanSquared(build, own, goal);
    const bound = Math.sqrt(6 / (from + to));
    const start = Float32Array.from({ length: from * to }, () => (2 * random() - 1) * bound);
    const name = `${teacher}.${student}`;
    if (isTokens) return meanSquared(build, matMul(build, own, learned(name, [from, to], start)), goal);
    const projection = learned(name, [to, from], start);
    return meanSquared(build, reshape(build, projected(build, own, projection), goal.shape), goal);
  };
}

/** A teacher's value comes as rows, one a sample, and gets its shape back. */
function fedValue(build: GraphBuilder, fed: LossScope['fed'], teacher: string, shape: readonly number[]): Term {
  const [batch = 1] = shape;
  return reshape(build, fed(teacherOf(teacher), 'float32', [batch, elementsOf(shape) / batch]), shape);
}

/** The squared distance from the teacher's values, for outputs that are no class scores. */
export function valueDistance(output: string): Loss {
  return ({ build, value, fed }) => {
    const own = asClassScores(build, value(output));
    return meanSquared(build, own, fed(teacherOf(output), 'float32', own.shape));
  };
}

/** `[batch, from, ...]` to `[batch, to, positions]`. */
function projected(build: GraphBuilder, value: Term, projection: Term): Term {
  const [batch = 1, channels = 1] = value.shape;
  const columns = reshape(build, value, [batch, channels, elementsOf(value.shape) / (batch * channels)]);
  return matMul(build, projection, columns);
}

/**
 * The squared distance of attention maps: the mean over channels of squared activations, each map of length 1
 * (Zagoruyko and Komodakis 2017). Channels may differ, positions may not.
 */
export function attentionTransfer(student: string, teacher: string, teacherShape: readonly number[]): Loss {
  return ({ build, value, fed }) => {
    const own = value(student);
    const goal = fedValue(build, fed, teacher, [own.shape[0] ?? 1, ...teacherShape.slice(1)]);
    const difference = sub(build, attention(build, own), attention(build, goal));
    return reduceMean(build, square(build, difference), undefined, { keep: false });
  };
}

/** A sample without any activation has a map of zeros, which stays one. */
const SMALLEST_NORM = 1e-12;

function attention(build: GraphBuilder, value: Term): Term {
  const [batch = 1] = value.shape;
  const map = reduceMean(build, square(build, value), [1], { keep: false });
  const rows = reshape(build, map, [batch, elementsOf(map.shape) / batch]);
  const squares = reduceSum(build, square(build, rows), [1]);
  return div(build, rows, sqrt(build, add(build, squares, SMALLEST_NORM ** 2)));
}
