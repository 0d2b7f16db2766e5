import { intAttribute, stringAttribute } from '../../../../compression/graph/attributes';
import { elementsOf } from '../../../../model/model';
import { where } from '../../../graph/arithmetic';
import type { GraphBuilder } from '../../../graph/builder';
import { reduceSum } from '../../../graph/reduction';
import { axisFromFront, pad, reshape, zeros } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';
import { rule, type RuleFamily } from '../../family';
import { unsupportedForm } from '../../numbers';
import type { GradientCall, GradientRule } from '../../rule';
import { scatterAdd, scatterRows } from './scatter';

const axisOf = ({ node, inputs: [x] }: GradientCall): number =>
  axisFromFront(intAttribute(node, 'axis', 0), x?.shape.length ?? 0);

/** Zeros around the one row that was taken, as attention takes queries, keys and values apart. */
function oneRow(build: GraphBuilder, shape: readonly number[], axis: number, index: number, dy: Term): Term {
  const row = reshape(
    build,
    dy,
    shape.map((length, each) => (each === axis ? 1 : length)),
  );
  const before = axisFromFront(index, shape[axis] ?? 1);
  const only = (width: number): number[] => shape.map((_, each) => (each === axis ? width : 0));
  return pad(build, row, only(before), only((shape[axis] ?? 1) - 1 - before));
}

/** The place of each row that GatherND takes, counted through all of the tensor's rows. */
function rowNumbers(build: GraphBuilder, indices: Term, lengths: readonly number[], batches: number): Term {
  const negative = build.one('Less', [indices, build.integers([0])], { dtype: 'bool', shape: indices.shape });
  const fromEnd = build.one('Add', [indices, build.integers(lengths)], indices);
  const counted = where(build, negative, fromEnd, indices);
  const strides = lengths.map((_, axis) => elementsOf(lengths.slice(axis + 1)));
  const products = build.one('Mul', [counted, build.integers(strides)], indices);
  const numbers = reduceSum(build, products, [indices.shape.length - 1]);
  const perBatch = elementsOf(numbers.shape) / batches;
  const all = reshape(build, numbers, [batches, perBatch]);
  if (batches === 1) return all;
  const starts = build.integers(Array.from({ length: batches }, (_, batch) => batch * elementsOf(lengths)));
  return build.one('Add', [all, reshape(build, starts, [batches, 1])], all);
}

const gatherRows: GradientRule = ({ build, node, inputs: [x, indices], gradients: [dy] }) => {
  if (!x || !indices || !dy) return [];
  const batch = intAttribute(node, 'batch_dims', 0);
  const end = batch + (indices.shape.at(-1) ?? 0);
  const [batches, lengths, rest] = [x.shape.slice(0, batch), x.shape.slice(batch, end), x.shape.slice(end)];
  const rows = rowNumbers(build, indices, lengths, elementsOf(batches));
  const table = [elementsOf(batches) * elementsOf(lengths), elementsOf(rest)];
  return [reshape(build, scatterRows(build, table, 0, rows, dy), x.shape)];
};

/** What was written gets the gradient of its place; what was written over gets none. */
const scattered =
  (
    written: (call: GradientCall, dy: Term, indices: Term, updates: Term) => Term,
    rest: (call: GradientCall, dy: Term, indices: Term, updates: Term) => Term,
  ): GradientRule =>
  (call) => {
    const [[, indices, updates], [dy]] = [call.inputs, call.gradients];
    if (!indices || !updates || !dy) return [];
    const reduction = stringAttribute(call.node, 'reduction', 'none');
    if (reduction !== 'none' && reduction !== 'add') throw unsupportedForm(call, `reduction ${reduction}`);
    return [
      call.wanted[0] ? (reduction === 'add' ? dy : rest(call, dy, indices, updates)) : null,
      null,
      call.wanted[2] ? written(call, dy, indices, updates) : null,
    ];
  };

export const GATHERING: RuleFamily = {
  Gather: rule((call) => {
    const [[x, indices], [dy]] = [call.inputs, call.gradients];
    if (!x || !indices || !dy) return [];
    const numbers = call.build.constantOf(indices);
    const only = numbers?.length === 1 ? numbers[0] : undefined;
    if (only !== undefined) return [oneRow(call.build, x.shape, axisOf(call), only, dy)];
    return [scatterRows(call.build, x.shape, axisOf(call), indices, dy)];
  }),
  GatherElements: rule((call) => {
    const [[x, indices], [dy]] = [call.inputs, call.gradients];
    return [x && indices && dy ? scatterAdd(call.build, x.shape, axisOf(call), indices, dy) : null];
  }),
  GatherND: rule(gatherRows),
  ScatterElements: rule(
    scattered(
      (call, dy, indices) =>
        call.build.one('GatherElements', [dy, indices], float32(indices.shape), {
          axis: { kind: 'int', value: axisOf(call) },
        }),
      (call, dy, indices) =>
        call.build.one('ScatterElements', [dy, indices, zeros(call.build, indices.shape)], float32(dy.shape), {
          axis: { kind: 'int', value: axisOf(call) },
        }),
    ),
  ),
  ScatterND: rule(
    scattered(
      ({ build }, dy, indices, updates) => build.one('GatherND', [dy, indices], float32(updates.shape)),
      ({ build }, dy, indices, updates) =>
        build.one('ScatterND', [dy, indices, zeros(build, updates.shape)], float32(dy.shape)),
    ),
  ),
};
