import { intAttribute } from '../../../../compression/graph/attributes';
import type { RuleFamily } from '../../family';
import { unsupportedForm } from '../../numbers';
import type { GradientCall, OperatorRule } from '../../rule';
import { CELLS, type Cell } from './cells';
import { unroll } from './unroll';

/** Positions of inputs that only some exports have. */
const SEQUENCE_LENGTHS = 4;
const PEEPHOLES = 7;

/** What keeps the operator from being written step by step; null where nothing does. */
function obstacle({ build, node, inputs }: Pick<GradientCall, 'build' | 'node' | 'inputs'>, cell: Cell): string | null {
  if (inputs[PEEPHOLES]) return 'peepholes';
  if (node.attributes.has('clip')) return 'clip';
  if (intAttribute(node, 'input_forget', 0) !== 0) return 'input_forget';
  if (intAttribute(node, 'layout', 0) !== 0) return 'layout 1';
  const activations = node.attributes.get('activations');
  const isDefault = (name: string, index: number): boolean =>
    name.toLowerCase() === cell.activations[index % cell.activations.length]?.toLowerCase();
  if (activations && !(activations.kind === 'strings' && activations.value.every(isDefault)))
    return 'activations other than the default ones';
  const lengths = inputs[SEQUENCE_LENGTHS];
  const steps = inputs[0]?.shape[0];
  if (lengths && build.constantOf(lengths)?.every((length) => length === steps) !== true)
    return 'sequences of different lengths';
  return null;
}

/** Recurrent operators train in the form of their single steps. */
const recurrent = (cell: Cell): OperatorRule => ({
  forTraining: (call) => (obstacle(call, cell) === null ? unroll(call, cell) : null),
  gradient: (call) => {
    throw unsupportedForm(call, obstacle(call, cell) ?? 'steps that were not unrolled');
  },
});

export const RECURRENT: RuleFamily = Object.fromEntries(
  Object.entries(CELLS).map(([opType, cell]) => [opType, recurrent(cell)]),
);
