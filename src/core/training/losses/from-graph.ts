import { EdgewiseError } from '../../errors';
import type { Model, Value } from '../../model/model';
import { importModel } from '../graph/import-model';
import type { Term } from '../graph/term';
import { LABELS, MIXED_LABELS, SHARE, targetOf, type Loss, type LossScope } from './loss';

/** What is fed and is neither a target nor a teacher's answer. */
const FED = new Set([LABELS, MIXED_LABELS, SHARE]);

/**
 * A loss that is a model of its own: its inputs are named like the model's outputs, `labels`, `target_<output>` or
 * `teacher_<value>` (with mixed samples also `mixed_labels` and `share`), and its only output is one number.
 * @throws EdgewiseError `unsupported` when it gives something else
 */
export function lossFromGraph(model: Model, file: string): Loss {
  return (scope) => {
    const { build } = scope;
    const given = new Map<string, Term>();
    for (const input of model.graph.inputs)
      if (!model.graph.weights.has(input.name)) given.set(input.name, termFor(input, scope));
    const values = importModel(build, withShapesOf(given, model), {
      ...{ dims: {}, given, mode: { normalization: 'frozen', dropout: false } },
      random: () => build.constant(0),
      update: () => undefined,
    });
    const result = values.get(model.graph.outputs[0]?.name ?? '');
    if (result?.dtype === 'float32' && result.knownShape?.every((length) => length === 1)) return result;
    throw new EdgewiseError('unsupported', `The loss "${file}" must give one float32 number.`, { file });
  };
}

function termFor(input: Value, scope: LossScope): Term {
  const { name, type } = input;
  const isFed = FED.has(name) || name.startsWith('target_') || name.startsWith('teacher_');
  return isFed ? scope.fed(name, type.dtype ?? 'float32', fedShape(input, scope)) : scope.value(name);
}

/** As the loss's file states it; what it leaves open is the batch's length, and for a target the output's shape. */
function fedShape({ name, type }: Value, { output, value }: LossScope): readonly number[] {
  const batch = output.shape[0] ?? 1;
  const { shape } = type;
  if (shape?.slice(1).every((length) => typeof length === 'number'))
    return shape.map((length) => (typeof length === 'number' ? length : batch));
  const named = name.slice(targetOf('').length);
  return name.startsWith('target_') ? value(named).shape : [batch];
}

/** Its inputs are as long as what stands for them, so that all lengths inside are known. */
function withShapesOf(given: ReadonlyMap<string, Term>, model: Model): Model {
  const inputs = model.graph.inputs.map((input): Value => {
    const term = given.get(input.name);
    return term ? { ...input, type: { dtype: term.dtype, shape: term.shape } } : input;
  });
  return { ...model, graph: { ...model.graph, inputs } };
}
