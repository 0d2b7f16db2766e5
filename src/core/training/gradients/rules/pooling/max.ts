import { intAttribute, withAttributes } from '../../../../compression/graph/attributes';
import { elementsOf, type Node } from '../../../../model/model';
import { equal, masked, sub } from '../../../graph/arithmetic';
import type { GraphBuilder } from '../../../graph/builder';
import { expand, flat, reshape } from '../../../graph/shaping';
import { float32, Term } from '../../../graph/term';
import { rule, type RuleFamily } from '../../family';
import type { GradientRule, OperatorRule } from '../../rule';
import { toLarge } from '../convolution/plain';
import type { Window } from '../convolution/window';
import { poolingWindow } from './spread';

/** ScatterElements adds from this operator set on. */
const SCATTER_ADDS = 16;

/**
 * The gradient goes to the element that the runtime took, of several equal ones too: MaxPool tells its position in the
 * whole input.
 */
const maxPool: GradientRule = ({ build, node, inputs: [x], outputs: [y, indices], gradients: [dy] }) => {
  if (!x || !y || !dy) return [];
  const window = poolingWindow(node, x, y);
  const byRows = intAttribute(node, 'storage_order', 0) === 0;
  const taken = byRows && indices ? indices : positions(build, node, x, y);
  if (isDisjoint(window)) return [scattered(build, taken, dy, x, 'none')];
  return [build.opset >= SCATTER_ADDS ? scattered(build, taken, dy, x, 'add') : byTaps(build, window, taken, dy)];
};

/** No element is in two windows. */
const isDisjoint = ({ kernel, strides, dilations }: Window): boolean =>
  kernel.every((length, axis) => (length - 1) * (dilations[axis] ?? 1) < (strides[axis] ?? 1));

/** `positions` are always along rows here, whatever the node says of its own. */
function positions(build: GraphBuilder, node: Node, x: Term, y: Term): Term {
  const { attributes } = withAttributes(node, { storage_order: undefined });
  const types = [float32(y.shape), { dtype: 'int64', shape: y.shape } as const];
  return build.emit('MaxPool', [x], types, Object.fromEntries(attributes))[1] ?? y;
}

function scattered(build: GraphBuilder, taken: Term, dy: Term, x: Term, reduction: 'none' | 'add'): Term {
  const zeros = expand(build, build.constant(0, [1]), [elementsOf(x.shape)]);
  const gradient = build.one('ScatterElements', [zeros, flat(build, taken), flat(build, dy)], float32(zeros.shape), {
    axis: { kind: 'int', value: 0 },
    ...(reduction === 'add' ? { reduction: { kind: 'string', value: 'add' } as const } : {}),
  });
  return reshape(build, gradient, x.shape);
}

/** One channel for each element of the window, of which one carries the gradient; a ConvTranspose puts them together. */
function byTaps(build: GraphBuilder, window: Window, taken: Term, dy: Term): Term {
  const { kernel, small, large } = window;
  const [batch = 1, channels = 1] = dy.shape;
  const [planes, taps] = [batch * channels, elementsOf(kernel)];
  const starts = Array.from({ length: planes }, (_, plane) => plane * elementsOf(large));
  const local = sub(
    build,
    reshape(build, taken, [planes, 1, elementsOf(small)]),
    reshape(build, build.integers(starts), [planes, 1, 1]),
  );
  const expected = reshape(build, build.integers(tapPositions(window)), [1, taps, elementsOf(small)]);
  const chosen = masked(build, equal(build, local, expected), reshape(build, dy, [planes, 1, elementsOf(small)]));
  const oneHot = Array.from({ length: taps * taps }, (_, index) => (index % (taps + 1) === 0 ? 1 : 0));
  const gradient = toLarge(
    build,
    { window, group: 1, batch: planes, channels: 1, outputs: taps },
    reshape(build, chosen, [planes, taps, ...small]),
    build.constant(oneHot, [taps, 1, ...kernel]),
  );
  return reshape(build, gradient, [batch, channels, ...large]);
}

/** Position in the large grid of each element of each window, -1 in the padding. */
function tapPositions({ kernel, strides, dilations, before, large, small }: Window): number[] {
  return gridOf(kernel).flatMap((tap) =>
    gridOf(small).map((position) =>
      large.reduce((sum, length, axis) => {
        const start = (position[axis] ?? 0) * (strides[axis] ?? 1) - (before[axis] ?? 0);
        const place = start + (tap[axis] ?? 0) * (dilations[axis] ?? 1);
        return sum < 0 || place < 0 || place >= length ? -1 : sum * length + place;
      }, 0),
    ),
  );
}

/** All positions of a grid, the last axis fastest. */
function gridOf(lengths: readonly number[]): number[][] {
  return lengths.reduce<number[][]>(
    (grid, length) => grid.flatMap((rest) => Array.from({ length }, (_, index) => [...rest, index])),
    [[]],
  );
}

/** MaxPool while it trains also tells positions. */
const withPositions: NonNullable<OperatorRule['forTraining']> = ({ build, node, inputs, outputs: [y, indices] }) => {
  if (indices !== undefined || y === undefined) return null;
  const taken = new Term(build.names.numbered('ew:t'), 'int64', y.shape);
  const names = { inputs: inputs.map((input) => input?.name ?? ''), outputs: [y.name, taken.name] };
  build.emitNode({ ...withAttributes(node, { storage_order: undefined }), ...names }, inputs, [y, taken]);
  return [y];
};

/** The first of equal elements gets the gradient. */
const globalMaxPool: GradientRule = ({ build, inputs: [x], gradients: [dy] }) => {
  if (!x || !dy) return [];
  const [batch = 1, channels = 1, ...space] = x.shape;
  const places = elementsOf(space);
  const rows = reshape(build, x, [batch, channels, places]);
  const first = build.one(
    'ArgMax',
    [rows],
    { dtype: 'int64', shape: [batch, channels, 1] },
    {
      axis: { kind: 'int', value: 2 },
    },
  );
  const index = build.integers(Array.from({ length: places }, (_, place) => place));
  const gradient = masked(build, equal(build, first, index), reshape(build, dy, [batch, channels, 1]));
  return [reshape(build, gradient, x.shape)];
};

export const MAX_POOLING: RuleFamily = {
  MaxPool: { gradient: maxPool, forTraining: withPositions },
  GlobalMaxPool: rule(globalMaxPool),
};
