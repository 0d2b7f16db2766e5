import { recurrent, type RecurrentLayer } from '../../reference/recurrent';
import { int, text } from '../attributes';
import type { GradientCase } from '../case';

const [STEPS, BATCH, FEATURES, HIDDEN] = [4, 2, 3, 2];
const OPSETS = [13, 14, 21];

interface Setting {
  readonly direction?: RecurrentLayer['direction'];
  readonly bias?: boolean;
  readonly initial?: boolean;
  readonly resetsAfter?: boolean;
  /** How many of the outputs the node has. */
  readonly outputs?: number;
}

function layer(opType: RecurrentLayer['opType'], title: string, setting: Setting): GradientCase {
  const { direction = 'forward', bias = true, initial = false, resetsAfter = false, outputs = 1 } = setting;
  const directions = direction === 'bidirectional' ? 2 : 1;
  const rows = { LSTM: 4, GRU: 3, RNN: 1 }[opType] * HIDDEN;
  const state = { shape: [directions, BATCH, HIDDEN] };
  return {
    ...{ title, opType, opsets: OPSETS },
    attributes: {
      ...{ hidden_size: int(HIDDEN), direction: text(direction) },
      ...(resetsAfter ? { linear_before_reset: int(1) } : {}),
    },
    inputs: [
      ...[
        { shape: [STEPS, BATCH, FEATURES] },
        { shape: [directions, rows, FEATURES] },
        { shape: [directions, rows, HIDDEN] },
      ],
      bias ? { shape: [directions, 2 * rows] } : null,
      null,
      ...(initial ? [state, ...(opType === 'LSTM' ? [state] : [])] : []),
    ],
    reference: ([x, weights, back, biases, , initialHidden, initialCell]) => {
      if (!x || !weights || !back) return [];
      const given = {
        ...(bias && biases ? { bias: biases } : {}),
        ...(initialHidden ? { initialHidden } : {}),
        ...(initialCell ? { initialCell } : {}),
      };
      return recurrent({ opType, direction, hidden: HIDDEN, resetsAfter, x, weights, recurrent: back, ...given }).slice(
        0,
        outputs,
      );
    },
  };
}

export const RECURRENT_CASES: readonly GradientCase[] = [
  layer('LSTM', 'forward', {}),
  layer('LSTM', 'without bias, backwards', { direction: 'reverse', bias: false }),
  layer('LSTM', 'both ways from initial states, all outputs', {
    direction: 'bidirectional',
    initial: true,
    outputs: 3,
  }),
  layer('GRU', 'forward', { outputs: 2 }),
  layer('GRU', 'reset after the product', { resetsAfter: true, outputs: 2 }),
  layer('GRU', 'without bias, both ways from initial states', {
    direction: 'bidirectional',
    bias: false,
    initial: true,
  }),
  layer('GRU', 'reset after the product, backwards', { direction: 'reverse', resetsAfter: true }),
  layer('RNN', 'both ways from initial states', { direction: 'bidirectional', initial: true, outputs: 2 }),
];
