import { EdgewiseError } from '../../errors';
import type { Model } from '../../model/model';
import { importModel } from '../graph/import-model';
import type { Term } from '../graph/term';
import { LABELS, type Loss } from './loss';

/**
 * A loss that is a model of its own: its inputs are named like the model's outputs, `labels`, `target_<output>` or
 * `teacher_<value>`, and its only output is one number.
 * @throws EdgewiseError `unsupported` when it gives something else
 */
export function lossFromGraph(model: Model, file: string): Loss {
  return (scope) => {
    const { build } = scope;
    const given = new Map<string, Term>();
    for (const { name, type } of model.graph.inputs) {
      if (model.graph.weights.has(name)) continue;
      const isFed = name === LABELS || name.startsWith('target_') || name.startsWith('teacher_');
      const batch = scope.output.shape[0] ?? 1;
      const shape = type.shape?.map((length) => (typeof length === 'number' ? length : batch)) ?? [batch];
      given.set(name, isFed ? scope.fed(name, type.dtype ?? 'float32', shape) : scope.value(name));
    }
    const values = importModel(build, model, {
      ...{ dims: {}, given, mode: { normalization: 'frozen', dropout: false } },
      random: () => build.constant(0),
      update: () => undefined,
    });
    const result = values.get(model.graph.outputs[0]?.name ?? '');
    if (result?.dtype === 'float32' && result.shape.every((length) => length === 1)) return result;
    throw new EdgewiseError('unsupported', `The loss "${file}" must give one float32 number.`, { file });
  };
}
