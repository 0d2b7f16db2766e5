import type { FreshNames } from '../../compression/graph/fresh-names';
import { newNode } from '../../compression/graph/new-nodes';
import { int64Weight } from '../../compression/graph/new-weights';
import type { Node, Weight } from '../../model/model';
import type { BatchDimensions } from './batch-dimensions';

/** What a rewrite works with. */
export interface RewriteScope {
  readonly dimensions: BatchDimensions;
  readonly names: FreshNames;
  /** Takes a new initializer; gives its name. */
  add(weight: Weight): string;
}

/** Nodes that stand for one that has the batch written into a constant; null where it has not. */
export type BatchRewrite = (node: Node, scope: RewriteScope) => readonly Node[] | null;

const int64 = ({ names, add }: RewriteScope, numbers: readonly number[]): string =>
  add(int64Weight(names.numbered('batch'), numbers));

/**
 * `Reshape` to a constant shape. The batch is the outermost of what its axis was made of, so that in row-major order it
 * ends up in the output's axis that begins behind as many elements.
 */
const reshape: BatchRewrite = (node, scope) => {
  const [data = '', target = ''] = node.inputs;
  const { dimensions } = scope;
  const input = dimensions.of(data);
  const output = dimensions.lengthsOf(node.outputs[0] ?? '');
  if (!input || input.axis === null || !output || dimensions.numbersOf(target) === null) return null;
  const before = product(input.lengths.slice(0, input.axis));
  const axis = output.findIndex((_, at) => product(output.slice(0, at)) === before);
  if (axis < 0 || dimensions.of(node.outputs[0] ?? '')?.axis === axis) return null;
  const shape = output.map((length, at) => (at === axis ? -1 : length));
  return [{ ...node, inputs: [data, int64(scope, shape)] }];
};

/** The batch is written out in the shape that a constant has which goes along with samples. */
const alongside =
  (inputsOf: (node: Node) => { readonly sample: readonly number[]; readonly constants: readonly number[] }) =>
  (node: Node, scope: RewriteScope): readonly Node[] | null => {
    const { dimensions } = scope;
    const { sample, constants } = inputsOf(node);
    const leader = sample
      .map((at) => node.inputs[at] ?? '')
      .find((name) => (dimensions.of(name)?.axis ?? null) !== null);
    const axis = dimensions.of(leader ?? '')?.axis ?? null;
    if (leader === undefined || axis === null) return null;
    const made: Node[] = [];
    const inputs = node.inputs.map((name, at) => {
      const shape = constants.includes(at) && name !== '' ? dimensions.of(name) : null;
      if (shape?.axis !== null || shape.lengths[axis] !== dimensions.batch) return name;
      const expanded = repeated(name, shape.lengths, { leader, axis }, scope);
      made.push(...expanded);
      return expanded.at(-1)?.outputs[0] ?? name;
    });
    return made.length === 0 ? null : [...made, { ...node, inputs }];
  };

/** A constant's first row as often as there are samples. */
function repeated(
  name: string,
  lengths: readonly number[],
  { leader, axis }: { readonly leader: string; readonly axis: number },
  scope: RewriteScope,
): Node[] {
  const fresh = (): string => scope.names.numbered('batch');
  const [row, sizes, size, shape, expanded] = [fresh(), fresh(), fresh(), fresh(), fresh()];
  const part = (numbers: readonly number[]): string[] => (numbers.length === 0 ? [] : [int64(scope, numbers)]);
  const bounds = [int64(scope, [axis]), int64(scope, [axis + 1]), int64(scope, [0])];
  const first = [int64(scope, [0]), int64(scope, [1]), int64(scope, [axis])];
  const parts = [...part(lengths.slice(0, axis)), size, ...part(lengths.slice(axis + 1))];
  return [
    newNode('Slice', [name, ...first], [row]),
    newNode('Shape', [leader], [sizes]),
    newNode('Slice', [sizes, ...bounds], [size]),
    newNode('Concat', parts, [shape], { axis: { kind: 'int', value: 0 } }),
    newNode('Expand', [row, shape], [expanded]),
  ];
}

const allInputs = ({ inputs }: Node): { sample: number[]; constants: number[] } => {
  const all = inputs.map((_, at) => at);
  return { sample: all, constants: all };
};
/** The first states of a recurrent layer. */
const states = (): { sample: number[]; constants: number[] } => ({ sample: [0], constants: [5, 6] });

/** `Resize` to constant sizes, the batch's among them. */
const resize: BatchRewrite = (node, scope) => {
  const [data = '', , , sizes = ''] = node.inputs;
  const numbers = sizes === '' ? null : scope.dimensions.numbersOf(sizes);
  const input = scope.dimensions.of(data);
  if (!numbers || input?.axis !== 0 || numbers.length !== input.lengths.length) return null;
  const [shape, size, all] = [
    scope.names.numbered('batch'),
    scope.names.numbered('batch'),
    scope.names.numbered('batch'),
  ];
  return [
    newNode('Shape', [data], [shape]),
    newNode('Slice', [shape, int64(scope, [0]), int64(scope, [1]), int64(scope, [0])], [size]),
    newNode('Concat', [size, int64(scope, numbers.slice(1))], [all], { axis: { kind: 'int', value: 0 } }),
    { ...node, inputs: node.inputs.map((name, at) => (at === 3 ? all : name)) },
  ];
};

/** By operator: where exporters write a batch into constants. */
export const BATCH_REWRITES: Readonly<Record<string, BatchRewrite>> = {
  Reshape: reshape,
  Resize: resize,
  Concat: alongside(allInputs),
  LSTM: alongside(states),
  GRU: alongside(states),
  RNN: alongside(states),
};

const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1);
