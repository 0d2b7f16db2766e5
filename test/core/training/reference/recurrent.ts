import type { Array64 } from './array';
import { sigmoid } from './functions';

export interface RecurrentLayer {
  readonly opType: 'LSTM' | 'GRU' | 'RNN';
  readonly direction: 'forward' | 'reverse' | 'bidirectional';
  readonly hidden: number;
  readonly resetsAfter?: boolean;
  readonly x: Array64;
  readonly weights: Array64;
  readonly recurrent: Array64;
  readonly bias?: Array64;
  readonly initialHidden?: Array64;
  readonly initialCell?: Array64;
}

const GATES = { LSTM: 4, GRU: 3, RNN: 1 };

/** ONNX's three recurrent operators, one number at a time: `[Y, Y_h, Y_c]`. */
export function recurrent(layer: RecurrentLayer): Array64[] {
  const { direction, hidden, x } = layer;
  const [steps = 1, batch = 1] = x.shape;
  const directions = direction === 'bidirectional' ? 2 : 1;
  const y = new Float64Array(steps * directions * batch * hidden);
  const [lastHidden, lastCell] = [
    new Float64Array(directions * batch * hidden),
    new Float64Array(directions * batch * hidden),
  ];
  for (let d = 0; d < directions; d++)
    for (let n = 0; n < batch; n++) {
      const first = (d * batch + n) * hidden;
      const start = (state?: Array64): number[] =>
        Array.from({ length: hidden }, (_, unit) => state?.data[first + unit] ?? 0);
      let [h, c] = [start(layer.initialHidden), start(layer.initialCell)];
      for (let step = 0; step < steps; step++) {
        const t = d === 1 || direction === 'reverse' ? steps - 1 - step : step;
        [h, c] = advance(layer, { d, n, t }, h, c);
        y.set(h, ((t * directions + d) * batch + n) * hidden);
      }
      lastHidden.set(h, first);
      lastCell.set(c, first);
    }
  const state = [directions, batch, hidden];
  return [
    { shape: [steps, directions, batch, hidden], data: y },
    { shape: state, data: lastHidden },
    { shape: state, data: lastCell },
  ];
}

interface Place {
  readonly d: number;
  readonly n: number;
  readonly t: number;
}

function advance(
  layer: RecurrentLayer,
  { d, n, t }: Place,
  h: readonly number[],
  c: readonly number[],
): [number[], number[]] {
  const { opType, hidden, x, weights, recurrent: back, bias } = layer;
  const [, batch = 1, features = 1] = x.shape;
  const rows = GATES[opType] * hidden;
  const units = Array.from({ length: hidden }, (_, unit) => unit);
  const fromInput = (gate: number, unit: number): number => {
    const row = gate * hidden + unit;
    let sum = bias?.data[d * 2 * rows + row] ?? 0;
    for (let i = 0; i < features; i++)
      sum += (x.data[(t * batch + n) * features + i] ?? 0) * (weights.data[(d * rows + row) * features + i] ?? 0);
    return sum;
  };
  const fromState = (gate: number, unit: number, state: readonly number[]): number => {
    const row = gate * hidden + unit;
    return state.reduce(
      (sum, value, i) => sum + value * (back.data[(d * rows + row) * hidden + i] ?? 0),
      bias?.data[d * 2 * rows + rows + row] ?? 0,
    );
  };
  const gate = (index: number, unit: number): number => fromInput(index, unit) + fromState(index, unit, h);
  if (opType === 'RNN') {
    const next = units.map((unit) => Math.tanh(gate(0, unit)));
    return [next, next];
  }
  if (opType === 'LSTM') {
    const cell = units.map(
      (unit) => sigmoid(gate(2, unit)) * (c[unit] ?? 0) + sigmoid(gate(0, unit)) * Math.tanh(gate(3, unit)),
    );
    return [units.map((unit) => sigmoid(gate(1, unit)) * Math.tanh(cell[unit] ?? 0)), cell];
  }
  const reset = units.map((unit) => sigmoid(gate(1, unit)));
  const forgotten = h.map((value, unit) => value * (reset[unit] ?? 0));
  const next = units.map((unit) => {
    const update = sigmoid(gate(0, unit));
    const remembered = layer.resetsAfter ? (reset[unit] ?? 0) * fromState(2, unit, h) : fromState(2, unit, forgotten);
    return (1 - update) * Math.tanh(fromInput(2, unit) + remembered) + update * (h[unit] ?? 0);
  });
  return [next, next];
}
