import { elementsOf, type Weight } from '../../model/model';
import { intAttribute } from '../../compression/graph/attributes';
import { smallValue, reshapedTo } from './small-values';
import { integerCodes, lookedUpCodes, type FoundCodes } from './stored-codes';
import type { Term } from './term';
import type { StoredCodes, UnpackedTensor } from './unpacked-tensor';

/** `Mul(codes - zero points, scales)`. @param target what a `Reshape` behind it is given; null where there is none. */
export function affineTensor(term: Term, target: readonly number[] | null): UnpackedTensor | null {
  if (term.node?.opType !== 'Mul') return null;
  const scale = numbersAlongAxis(term.input(1));
  const difference = term.input(0);
  const moved = difference.node?.opType === 'Sub' ? zeroPointsOf(difference.input(1)) : null;
  const codes = shapedCodes(moved === null ? difference : difference.input(0));
  if (scale === null || codes === null || scale.weight.dtype !== 'float32') return null;
  const logical = target === null ? codes.shape : reshapedTo(codes.shape, target);
  const layout = logical === null ? null : layoutOf(codes.shape, logical, scale);
  if (logical === null || layout === null) return null;
  return {
    kind: 'affine',
    shape: logical,
    codes: codes.codes,
    signed: codes.signed,
    ...layout,
    scale: scale.weight,
    zeroPoint: moved?.weight ?? null,
  };
}

interface Numbers {
  readonly weight: Weight;
  /** Where one is looked up for each element of an axis, whose last block is cut short. */
  readonly cut: { readonly axis: number; readonly block: number } | null;
}

function numbersAlongAxis(term: Term): Numbers | null {
  if (term.weight !== null) return { weight: term.weight, cut: null };
  if (term.node?.opType !== 'Gather') return null;
  const weight = castOrStored(term.input(0));
  const index = smallValue(term.input(1));
  if (weight === null || index === null) return null;
  const block = index.numbers.indexOf(1);
  const isBlocks = block > 0 && index.numbers.every((number, at) => number === Math.floor(at / block));
  return isBlocks ? { weight, cut: { axis: intAttribute(term.node, 'axis', 0), block } } : null;
}

function castOrStored(term: Term): Weight | null {
  return term.weight ?? (term.node?.opType === 'Cast' ? term.input(0).weight : null);
}

function zeroPointsOf(term: Term): Numbers | null {
  const stored = castOrStored(term);
  const found = stored === null ? numbersAlongAxis(term) : { weight: stored, cut: null };
  return found !== null && (found.weight.dtype === 'int8' || found.weight.dtype === 'uint8') ? found : null;
}

interface ShapedCodes {
  readonly codes: StoredCodes;
  readonly signed: boolean;
  readonly shape: readonly number[];
}

/** Codes as real numbers in the shape that scales broadcast to. */
function shapedCodes(term: Term): ShapedCodes | null {
  const real = realCodes(term);
  if (real !== null) return { ...real, shape: real.codes.weight.shape };
  if (term.node?.opType !== 'Reshape') return null;
  const target = smallValue(term.input(1))?.numbers;
  if (target === undefined) return null;
  const whole = realCodes(term.input(0));
  if (whole !== null) {
    const shape = reshapedTo(whole.found, target);
    return shape === null ? null : { ...whole, shape };
  }
  const first = cutCodes(term.input(0));
  if (first !== null) return { ...first, shape: target };
  const inner = shapedCodes(term.input(0));
  const shape = inner === null ? null : reshapedTo(inner.shape, target);
  return inner === null || shape === null ? null : { ...inner, shape };
}

/** `Slice` takes off what fills the last group of codes. */
function cutCodes(term: Term): (Omit<ShapedCodes, 'shape'> & { found: readonly number[] }) | null {
  const flat = term.node?.opType === 'Slice' ? term.input(0) : null;
  return flat?.node?.opType === 'Reshape' ? realCodes(flat.input(0)) : null;
}

function realCodes(term: Term): (Omit<ShapedCodes, 'shape'> & { found: readonly number[] }) | null {
  const stored = term.node?.opType === 'Cast' ? term.input(0).weight : null;
  if (stored?.dtype === 'int8' || stored?.dtype === 'uint8') {
    const codes = { weight: stored, bits: 8, offset: 0 };
    return { codes, signed: stored.dtype === 'int8', found: stored.shape };
  }
  const even = lookedUpCodes(term);
  if (even !== null) return withOffset(even, even.codes.offset);
  const offset = term.node?.opType === 'Sub' ? smallValue(term.input(1))?.numbers[0] : 0;
  const cast = term.node?.opType === 'Sub' ? term.input(0) : term;
  const codes = offset === undefined || cast.node?.opType !== 'Cast' ? null : integerCodes(cast.input(0));
  return codes === null || offset === undefined ? null : withOffset(codes, offset);
}

function withOffset({ codes, shape }: FoundCodes, offset: number) {
  if (offset !== 0 && offset !== 2 ** (codes.bits - 1)) return null;
  return { codes: { ...codes, offset }, signed: offset !== 0, found: shape };
}

/** Axis and block, of how scales broadcast to the codes. */
function layoutOf(
  codes: readonly number[],
  logical: readonly number[],
  { weight: { shape: scale }, cut }: Numbers,
): { axis: number | null; block: number | null } | null {
  if (cut !== null) return cut;
  if (elementsOf(scale) === 1) return { axis: null, block: null };
  if (scale.length !== codes.length) return null;
  if (codes.length === logical.length) return channelOrWholeAxis(codes, scale);
  const axis = logical.findIndex(
    (_, at) =>
      scale[at + 1] === 1 &&
      logical.every((length, other) => {
        if (other === at) return length === (codes[at] ?? 0) * (codes[at + 1] ?? 0);
        return length === codes[other < at ? other : other + 1];
      }),
  );
  return axis === -1 ? null : { axis, block: codes[axis + 1] ?? null };
}

function channelOrWholeAxis(
  codes: readonly number[],
  scale: readonly number[],
): { axis: number; block: number | null } | null {
  const varying = scale.flatMap((length, axis) => (length > 1 ? [axis] : []));
  const [only] = varying;
  if (varying.length === 1 && only !== undefined)
    return codes[only] === scale[only] ? { axis: only, block: null } : null;
  const shared = scale.flatMap((length, axis) => (length === 1 && (codes[axis] ?? 1) > 1 ? [axis] : []));
  const [axis] = shared;
  const others = varying.every((at) => codes[at] === scale[at]);
  return shared.length === 1 && axis !== undefined && others ? { axis, block: codes[axis] ?? null } : null;
}
