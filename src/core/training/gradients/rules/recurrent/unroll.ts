import { stringAttribute } from '../../../../compression/graph/attributes';
import { gemm } from '../../../graph/product';
import { concat, reshape, split, zeros } from '../../../graph/shaping';
import type { Term } from '../../../graph/term';
import type { TrainingCall } from '../../rule';
import type { Cell, CellWeights, State } from './cells';

/** Positions of the inputs that all recurrent operators have. */
const INPUT = { x: 0, weights: 1, recurrent: 2, bias: 3, hidden: 5, cell: 6 };

interface Direction {
  readonly states: readonly State[];
  readonly last: State;
}

/** The part of a weight or state that belongs to one direction, without the direction's dimension. */
function ofDirection(
  { build, inputs }: TrainingCall,
  input: number,
  direction: number,
  directions: number,
): Term | null {
  const all = inputs[input];
  if (!all) return null;
  const part = split(build, all, 0, new Array<number>(directions).fill(1))[direction];
  return part ? reshape(build, part, all.shape.slice(1)) : null;
}

function weightsOf(call: TrainingCall, direction: number, directions: number): CellWeights | null {
  const recurrent = ofDirection(call, INPUT.recurrent, direction, directions);
  const bias = ofDirection(call, INPUT.bias, direction, directions);
  if (!recurrent) return null;
  const width = recurrent.shape[0] ?? 0;
  const [inputBias = null, recurrentBias = null] = bias ? split(call.build, bias, 0, [width, width]) : [];
  return { recurrent, inputBias, recurrentBias };
}

/** All steps of one direction; the input's product with the weights is one for all of them. */
function runDirection(call: TrainingCall, cell: Cell, direction: number, directions: number): Direction | null {
  const { build, node, inputs } = call;
  const x = inputs[INPUT.x];
  const weights = weightsOf(call, direction, directions);
  const inputWeights = ofDirection(call, INPUT.weights, direction, directions);
  if (!x || !weights || !inputWeights) return null;
  const [steps = 1, batch = 1, features = 1] = x.shape;
  const hidden = (inputWeights.shape[0] ?? 0) / cell.gates;
  const projected = gemm(build, reshape(build, x, [steps * batch, features]), inputWeights, { right: true });
  const perStep = split(build, projected, 0, new Array<number>(steps).fill(batch));
  const initial = (input: number): Term =>
    ofDirection(call, input, direction, directions) ?? zeros(build, [batch, hidden]);
  const isBackwards = direction === 1 || stringAttribute(node, 'direction', 'forward') === 'reverse';
  let last: State = { hidden: initial(INPUT.hidden), cell: initial(INPUT.cell) };
  const states: State[] = [];
  for (const each of isBackwards ? [...perStep].reverse() : perStep)
    states.push((last = cell.step(build, node, weights, each, last)));
  return { states: isBackwards ? states.reverse() : states, last };
}

/**
 * A recurrent operator step by step. Gives all hidden states `[steps, directions, batch, hidden]`, the last ones
 * `[directions, batch, hidden]`, and the last memories.
 */
export function unroll(call: TrainingCall, cell: Cell): readonly Term[] | null {
  const { build, node, outputs } = call;
  const directions = stringAttribute(node, 'direction', 'forward') === 'bidirectional' ? 2 : 1;
  const ran = Array.from({ length: directions }, (_, index) => runDirection(call, cell, index, directions));
  const all = ran.flatMap((direction) => direction ?? []);
  if (all.length < directions) return null;
  const stacked = (terms: readonly Term[], shape: readonly number[]): Term =>
    reshape(build, concat(build, terms, 0), shape);
  const [batch = 1, hidden = 1] = all[0]?.last.hidden.shape ?? [];
  const sequences = all.map(({ states }) =>
    stacked(
      states.map((state) => state.hidden),
      [states.length, 1, batch, hidden],
    ),
  );
  const lastOf = (key: keyof State): Term =>
    stacked(
      all.map(({ last }) => last[key]),
      [directions, batch, hidden],
    );
  const results = [() => concat(build, sequences, 1), () => lastOf('hidden'), () => lastOf('cell')];
  return outputs.map((output, index) => (output.name === '' ? output : (results[index]?.() ?? output)));
}
