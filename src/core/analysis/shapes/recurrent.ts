import type { ShapeRule } from './operator-call';
import { facts, UNKNOWN } from './facts';

/** X `[seq, batch, input]` (layout 0), R `[directions, gates * hidden, hidden]`. */
const recurrent: ShapeRule = (call) => {
  const { dtype, shape } = call.input(0);
  const hidden = call.node.attributes.has('hidden_size')
    ? call.int('hidden_size', 0)
    : (call.input(2).shape?.[2] ?? null);
  const directions = call.input(1).shape?.[0] ?? (call.text('direction', 'forward') === 'bidirectional' ? 2 : 1);
  if (shape?.length !== 3) return call.node.outputs.map(() => ({ ...UNKNOWN, dtype }));
  const batchFirst = call.int('layout', 0) === 1;
  const [first, second] = shape;
  const [sequence, batch] = batchFirst ? [second ?? null, first ?? null] : [first ?? null, second ?? null];
  const all = batchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden];
  const last = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  return [facts(dtype, all), facts(dtype, last), facts(dtype, last)];
};

export const RECURRENT: Readonly<Record<string, ShapeRule>> = {
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  DynamicQuantizeLSTM: recurrent,
};
