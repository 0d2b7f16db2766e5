import { EdgewiseError } from '../../errors';
import { elementsOf } from '../../model/model';
import { add, div, equal, mul, neg, sub, where } from '../graph/arithmetic';
import type { GraphBuilder } from '../graph/builder';
import { reduceMean, reduceSum } from '../graph/reduction';
import { reshape } from '../graph/shaping';
import type { Term } from '../graph/term';
import { LABELS, MIXED_LABELS, SHARE, type Loss, type LossScope } from './loss';

export interface CrossEntropyOptions {
  /** Share of the probability that is spread over all classes, 0 to 1. */
  readonly smoothing?: number;
  /** A weight a class; the mean is then over the weights, as in PyTorch. */
  readonly classWeights?: readonly number[];
  /** Each sample is a mixture of two (Zhang et al. 2018): their labels share the goal as the pictures do. */
  readonly mixup?: boolean;
}

/**
 * Cross-entropy of class scores `[batch, classes]` (before softmax) with labels `[batch]`:
 * `-mean(sum_c q_c * log softmax(z)_c)`, `q = (1 - s) * onehot + s / classes`.
 */
export function crossEntropy({ smoothing = 0, classWeights, mixup = false }: CrossEntropyOptions = {}): Loss {
  return (scope) => {
    const { build, output } = scope;
    const scores = asClassScores(build, output);
    const [batch = 1, classes = 1] = scores.shape;
    if (classWeights && classWeights.length !== classes)
      throw new EdgewiseError(
        'bad-recipe',
        `classWeights has ${classWeights.length} numbers, and the model ${classes} classes. Give one for each.`,
      );
    const hit = mixup ? mixedHits(scope, batch, classes) : hits(scope, LABELS, batch, classes);
    const goal = smoothing === 0 ? hit : add(build, mul(build, hit, 1 - smoothing), smoothing / classes);
    const weighted = classWeights ? mul(build, goal, build.constant(classWeights, [1, classes])) : goal;
    const total = neg(
      build,
      reduceSum(build, mul(build, weighted, logSoftmax(build, scores)), undefined, { keep: false }),
    );
    if (!classWeights) return div(build, total, batch);
    const own = mul(build, hit, build.constant(classWeights, [1, classes]));
    return div(build, total, reduceSum(build, own, undefined, { keep: false }));
  };
}

const hits = ({ build, fed }: LossScope, labels: string, batch: number, classes: number): Term =>
  oneHot(build, fed(labels, 'int64', [batch]), classes);

/** `share * onehot(own) + (1 - share) * onehot(mixed in)`. */
function mixedHits(scope: LossScope, batch: number, classes: number): Term {
  const { build, fed } = scope;
  const share = fed(SHARE, 'float32', [batch, 1]);
  const [own, other] = [hits(scope, LABELS, batch, classes), hits(scope, MIXED_LABELS, batch, classes)];
  return add(build, mul(build, own, share), mul(build, other, sub(build, 1, share)));
}

/** Scores `[batch, classes, 1, 1]`, as some networks give them, as `[batch, classes]`. */
export function asClassScores(build: GraphBuilder, output: Term): Term {
  const [batch = 1] = output.shape;
  return reshape(build, output, [batch, elementsOf(output.shape) / batch]);
}

export function logSoftmax(build: GraphBuilder, scores: Term): Term {
  return build.one(
    'LogSoftmax',
    [scores],
    { dtype: 'float32', shape: scores.shape },
    { axis: { kind: 'int', value: -1 } },
  );
}

export function softmax(build: GraphBuilder, scores: Term): Term {
  return build.one(
    'Softmax',
    [scores],
    { dtype: 'float32', shape: scores.shape },
    { axis: { kind: 'int', value: -1 } },
  );
}

/** 1 at each row's label, 0 elsewhere. Labels outside the classes have no 1 and give no gradient. */
export function oneHot(build: GraphBuilder, labels: Term, classes: number): Term {
  const [batch = 1] = labels.shape;
  const columns = build.integers(Array.from({ length: classes }, (_, index) => index));
  return where(build, equal(build, reshape(build, labels, [batch, 1]), reshape(build, columns, [1, classes])), 1, 0);
}

/**
 * Binary cross-entropy of scores before the sigmoid, element by element:
 * `mean(max(z, 0) - z * t + log(1 + exp(-|z|)))`, which does not overflow.
 */
export function binaryCrossEntropy(target: (output: Term) => string): Loss {
  return ({ build, output, fed }) => {
    const goal = fed(target(output), 'float32', output.shape);
    const positive = build.one('Relu', [output], { dtype: 'float32', shape: output.shape });
    const softplus = build.one(
      'Softplus',
      [neg(build, build.one('Abs', [output], { dtype: 'float32', shape: output.shape }))],
      { dtype: 'float32', shape: output.shape },
    );
    const loss = add(build, sub(build, positive, mul(build, output, goal)), softplus);
    return reduceMean(build, loss, undefined, { keep: false });
  };
}
