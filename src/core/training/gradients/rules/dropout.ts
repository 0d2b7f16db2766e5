import { floatAttribute } from '../../../compression/graph/attributes';
import { greaterOrEqual, mul, where } from '../../graph/arithmetic';
import { zeros } from '../../graph/shaping';
import { float32, type Term } from '../../graph/term';
import type { RuleFamily } from '../family';
import type { TrainingCall } from '../rule';

/** ONNX's default. */
const RATIO = 0.5;

/** Elements are kept with probability `1 - ratio` and divided by it, so that what is expected stays the same. */
function forTraining({ build, node, inputs, outputs, mode, random }: TrainingCall): readonly Term[] {
  const [x, ratioInput] = inputs;
  const [y, mask] = outputs;
  if (!x || !y) return outputs;
  const ratio = build.constantOf(ratioInput)?.[0] ?? floatAttribute(node, 'ratio', RATIO);
  const isOff = !mode.dropout || ratio === 0;
  const isKept = isOff ? null : greaterOrEqual(build, random(x.shape), ratio);
  const result =
    isKept === null
      ? build.one('Identity', [x], float32(x.shape))
      : mul(build, x, where(build, isKept, ratio < 1 ? 1 / (1 - ratio) : 0, 0));
  return mask ? [result, isKept ?? everything(build, x)] : [result];
}

function everything(build: TrainingCall['build'], x: Term): Term {
  return build.unrecorded(() => greaterOrEqual(build, zeros(build, x.shape), 0));
}

export const DROPOUT: RuleFamily = {
  Dropout: { forTraining, gradient: ({ gradients: [dy] }) => [dy ?? null] },
};
