import type { Attribute } from '../../../../model/model';
import type { GraphBuilder } from '../../../graph/builder';
import { gather, reshape, transpose } from '../../../graph/shaping';
import { float32, type Term } from '../../../graph/term';
import type { Window } from './window';

/**
 * The runtime's own layout for convolutions: `[N, C/block, H, W, block]`, in which values are declared as
 * `[N, C, H, W]`. The domain is not documented and not on every processor, so what uses it is one form among several.
 */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** Channels that lie beside each other: 16 with AVX-512, 8 with AVX. */
export type Block = 8 | 16;
export const BLOCKS: readonly Block[] = [16, 8];

/**
 * When a value in blocks is used. A second copy of every activation kept from the forward to the backward pass would
 * cost more memory than it saves time, so the backward pass makes its own.
 */
export type Pass = 'forward' | 'backward';

/** `[N, C, H, W]` into blocks of channels; once for each value and pass. */
export function toBlocked(build: GraphBuilder, term: Term, pass: Pass): Term {
  return build.once(`blocked ${pass} ${term.name}`, () => intoBlocks(build, term, term.shape, pass));
}

/** The same of memory that is read as `[N, C, H, W]`. */
export function intoBlocks(build: GraphBuilder, term: Term, shape: readonly number[], pass: Pass): Term {
  // The runtime merges nodes that are equal; stating the default keeps those of the two passes apart.
  const stated: Record<string, Attribute> = pass === 'backward' ? { channels_last: { kind: 'int', value: 0 } } : {};
  return build.one('ReorderInput', [reshape(build, term, shape)], float32(shape), stated, BLOCKED_DOMAIN);
}

/** Memory that is read as `[N, H, W, C]`, into blocks `[N, C/block, H, W, block]`. */
export function intoBlocksFromLast(build: GraphBuilder, term: Term, shape: readonly number[]): Term {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const attributes: Record<string, Attribute> = { channels_last: { kind: 'int', value: 1 } };
  const type = float32([batch, channels, height, width]);
  return build.one('ReorderInput', [reshape(build, term, shape)], type, attributes, BLOCKED_DOMAIN);
}

/** Back into `[N, C, H, W]`. */
export function fromBlocked(build: GraphBuilder, term: Term): Term {
  const channels: Attribute = { kind: 'int', value: term.shape[1] ?? 1 };
  return build.one('ReorderOutput', [term], float32(term.shape), { channels }, BLOCKED_DOMAIN);
}

export interface BlockedConvolution {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly before?: readonly number[];
  readonly after?: readonly number[];
  readonly group?: number;
}

/** Declared shapes are those of a Conv; `weight` lies in the order that `blockedWeight` or `depthwiseWeight` give. */
export function blockedConvolution(
  build: GraphBuilder,
  inputs: readonly (Term | null)[],
  shape: readonly number[],
  settings: BlockedConvolution,
): Term {
  const { kernel, strides = [1, 1], dilations = [1, 1], before = [0, 0], after = [0, 0], group = 1 } = settings;
  return build.one(
    'Conv',
    inputs,
    float32(shape),
    {
      kernel_shape: { kind: 'ints', value: kernel },
      strides: { kind: 'ints', value: strides },
      dilations: { kind: 'ints', value: dilations },
      pads: { kind: 'ints', value: [...before, ...after] },
      group: { kind: 'int', value: group },
    },
    BLOCKED_DOMAIN,
  );
}

/** `[O, C, ...kernel] -> [O/block, C/block, ...kernel, block (C), block (O)]`, declared as it was. */
export function blockedWeight(build: GraphBuilder, weight: Term, block: Block): Term {
  const [outputs = 1, channels = 1, ...kernel] = weight.shape;
  const taps = kernel.reduce((product, length) => product * length, 1);
  const parts = reshape(build, weight, [outputs / block, block, channels / block, block, taps]);
  return reshape(build, transpose(build, parts, [0, 2, 4, 3, 1]), weight.shape);
}

/** For inputs of fewer channels than a block, which stay as they are: `[O/block, C, ...kernel, block (O)]`. */
export function fewChannelsWeight(build: GraphBuilder, weight: Term, block: Block): Term {
  const [outputs = 1, ...rest] = weight.shape;
  const parts = reshape(build, weight, [outputs / block, block, rest.reduce((product, length) => product * length, 1)]);
  return reshape(build, transpose(build, parts, [0, 2, 1]), weight.shape);
}

/** The weights that lead back: `[C, O, ...kernel]` turned around, in blocks. */
export function blockedBackwardWeight(build: GraphBuilder, weight: Term, block: Block): Term {
  const [outputs = 1, channels = 1, ...kernel] = weight.shape;
  const taps = kernel.reduce((product, length) => product * length, 1);
  const parts = reshape(build, weight, [outputs / block, block, channels / block, block, taps]);
  const ordered = turned(build, transpose(build, parts, [2, 0, 4, 1, 3]), 2);
  return reshape(build, ordered, [channels, outputs, ...kernel]);
}

/** `[C, 1, ...kernel] -> [C/block, ...kernel, block]`, turned around where it leads back. */
export function depthwiseWeight(build: GraphBuilder, weight: Term, block: Block, backward = false): Term {
  const [channels = 1, , ...kernel] = weight.shape;
  const taps = kernel.reduce((product, length) => product * length, 1);
  const ordered = transpose(build, reshape(build, weight, [channels / block, block, taps]), [0, 2, 1]);
  return reshape(build, backward ? turned(build, ordered, 1) : ordered, weight.shape);
}

function turned(build: GraphBuilder, term: Term, axis: number): Term {
  const length = term.shape[axis] ?? 1;
  if (length === 1) return term;
  return gather(build, term, build.integers(Array.from({ length }, (_, index) => length - 1 - index)), axis);
}

/** Padding that a convolution back over the small grid has, with zeros put between its elements. */
export function backwardPadding({ kernel, strides, dilations, before, after }: Window): {
  before: number[];
  after: number[];
} {
  const reach = kernel.map((length, axis) => (length - 1) * (dilations[axis] ?? 1));
  return {
    before: reach.map((length, axis) => length - (before[axis] ?? 0)),
    // The zeros after the last element are already there.
    after: reach.map((length, axis) => length - (after[axis] ?? 0) - ((strides[axis] ?? 1) - 1)),
  };
}
