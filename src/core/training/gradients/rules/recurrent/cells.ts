import { intAttribute } from '../../../../compression/graph/attributes';
import type { Node } from '../../../../model/model';
import { add, mul, sigmoid, sub, tanh } from '../../../graph/arithmetic';
import type { GraphBuilder } from '../../../graph/builder';
import { gemm } from '../../../graph/product';
import { split } from '../../../graph/shaping';
import type { Term } from '../../../graph/term';

/** Weights of one direction: `[gates * hidden, …]`; the biases are null where there are none. */
export interface CellWeights {
  readonly recurrent: Term;
  readonly inputBias: Term | null;
  readonly recurrentBias: Term | null;
}

/** What goes from one step to the next, `[batch, hidden]`. */
export interface State {
  readonly hidden: Term;
  /** LSTM's memory; others carry the hidden state along unchanged. */
  readonly cell: Term;
}

/** A recurrent operator: one step of it in recorded operations, so that what it is made of gives its gradient. */
export interface Cell {
  readonly gates: number;
  /** Activations that the step is written with, of one direction, as ONNX calls them. */
  readonly activations: readonly string[];
  /** @param projected `x W'`, `[batch, gates * hidden]`, of this step */
  step(build: GraphBuilder, node: Node, weights: CellWeights, projected: Term, before: State): State;
}

const plus = (build: GraphBuilder, term: Term, ...summands: readonly (Term | null)[]): Term =>
  summands.reduce<Term>((sum, each) => (each ? add(build, sum, each) : sum), term);

const parts = (build: GraphBuilder, gates: Term, count: number): readonly Term[] => {
  const axis = gates.shape.length - 1;
  return split(build, gates, axis, new Array<number>(count).fill((gates.shape[axis] ?? count) / count));
};

const recurrence = (build: GraphBuilder, hidden: Term, weights: Term): Term =>
  gemm(build, hidden, weights, { right: true });

/** `h = tanh(x W' + h R' + b)`. */
const RNN: Cell = {
  ...{ gates: 1, activations: ['Tanh'] },
  step(build, _node, { recurrent, inputBias, recurrentBias }, projected, { hidden }) {
    const sum = plus(build, projected, recurrence(build, hidden, recurrent), inputBias, recurrentBias);
    const next = tanh(build, sum);
    return { hidden: next, cell: next };
  },
};

/** Gates in ONNX's order: input, output, forget, cell. */
const LSTM: Cell = {
  ...{ gates: 4, activations: ['Sigmoid', 'Tanh', 'Tanh'] },
  step(build, _node, { recurrent, inputBias, recurrentBias }, projected, { hidden, cell }) {
    const sum = plus(build, projected, recurrence(build, hidden, recurrent), inputBias, recurrentBias);
    const [input = sum, output = sum, forget = sum, candidate = sum] = parts(build, sum, 4);
    const kept = mul(build, sigmoid(build, forget), cell);
    const next = add(build, kept, mul(build, sigmoid(build, input), tanh(build, candidate)));
    return { hidden: mul(build, sigmoid(build, output), tanh(build, next)), cell: next };
  },
};

/** Gates in ONNX's order: update, reset, hidden. */
const GRU: Cell = {
  ...{ gates: 3, activations: ['Sigmoid', 'Tanh'] },
  step(build, node, { recurrent, inputBias, recurrentBias }, projected, { hidden }) {
    const width = hidden.shape[1] ?? 1;
    const [fromInput = projected, candidateFromInput = projected] = split(build, plus(build, projected, inputBias), 1, [
      ...[2 * width, width],
    ]);
    const [gateWeights = recurrent, candidateWeights = recurrent] = split(build, recurrent, 0, [2 * width, width]);
    const [gateBias = null, candidateBias = null] = recurrentBias
      ? split(build, recurrentBias, 0, [2 * width, width])
      : [];
    const gates = sigmoid(build, plus(build, fromInput, recurrence(build, hidden, gateWeights), gateBias));
    const [update = gates, reset = gates] = parts(build, gates, 2);
    const isResetAfter = intAttribute(node, 'linear_before_reset', 0) !== 0;
    const reminded = isResetAfter
      ? mul(build, reset, plus(build, recurrence(build, hidden, candidateWeights), candidateBias))
      : plus(build, recurrence(build, mul(build, reset, hidden), candidateWeights), candidateBias);
    const candidate = tanh(build, add(build, candidateFromInput, reminded));
    const next = add(build, candidate, mul(build, update, sub(build, hidden, candidate)));
    return { hidden: next, cell: next };
  },
};

export const CELLS: Readonly<Record<string, Cell>> = { GRU, LSTM, RNN };
