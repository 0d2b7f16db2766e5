import { intAttribute } from '../../compression/graph/attributes';
import { isFloat } from '../../model/dtype';
import { elementsOf, type Weight } from '../../model/model';
import { affineTensor } from './affine-tensor';
import { groupedPalette, lookedUpPalette, type FoundPalette } from './palette-tensor';
import { smallValue, reshapedTo } from './small-values';
import { castBytes, integerCodes, isCodeTable } from './stored-codes';
import type { Term } from './term';
import type { UnpackedTensor } from './unpacked-tensor';

/**
 * The weight that a value unpacks, by the operators behind it and the tables that they compute; names say nothing.
 * Null for everything else. Counterpart of `formats/onnx/store/unpacking`.
 */
export function recognizeUnpacking(term: Term): UnpackedTensor | null {
  const tensor = recognized(term);
  const isShape = tensor?.shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  return isShape ? tensor : null;
}

/** The same of the rows of a table, which nothing else tells from other values. */
export function recognizeRows(term: Term): UnpackedTensor | null {
  const tensor = flatValues(term);
  return tensor?.kind === 'sparse' ? null : tensor;
}

function recognized(term: Term): UnpackedTensor | null {
  switch (term.node?.opType) {
    case 'Reshape':
      return reshaped(term);
    case 'Gather': {
      const palette = lookedUpPalette(term);
      return palette?.found.codes.bits === 8 ? paletteTensor(palette, palette.found.codes.weight.shape) : null;
    }
    case 'Mul': {
      const tensor = affineTensor(term, null);
      // 8-bit codes with a `Cast` are known by themselves, in every model.
      return tensor?.kind === 'affine' && (tensor.codes.bits !== 8 || tensor.block !== null) ? tensor : null;
    }
    default:
      return null;
  }
}

function reshaped(term: Term): UnpackedTensor | null {
  const inner = term.input(0);
  const target = smallValue(term.input(1))?.numbers;
  if (target === undefined) return null;
  switch (inner.node?.opType) {
    case 'ScatterElements':
      return stepped(inner, target);
    case 'Mul':
      return affineTensor(inner, target);
    case 'Slice': {
      const flat = inner.input(0);
      return flat.node?.opType === 'Reshape' ? lookedUp(flat.input(0), target, true) : null;
    }
    default:
      return lookedUp(inner, target, false);
  }
}

function lookedUp(term: Term, target: readonly number[], isCut: boolean): UnpackedTensor | null {
  const masked = maskedTensor(term, target);
  if (masked !== null) return masked;
  const palette = lookedUpPalette(term);
  if (palette === null) return groupedPalette(term, target);
  const shape = isCut ? target : reshapedTo(palette.found.shape, target);
  return shape === null ? null : paletteTensor(palette, shape);
}

function paletteTensor({ table, found }: FoundPalette, shape: readonly number[]): UnpackedTensor | null {
  if (elementsOf(shape) > elementsOf(found.shape)) return null;
  return { kind: 'palette', shape, codes: found.codes, axis: null, groups: 1, table };
}

/** Positions as a bit an element, values looked up by how many bits are set up to it. */
function maskedTensor(term: Term, target: readonly number[]): UnpackedTensor | null {
  const joined = term.node?.opType === 'Gather' ? term.input(0) : null;
  if (joined?.node?.opType !== 'Concat' || smallValue(joined.input(0))?.numbers.join() !== '0') return null;
  const values = flatValues(joined.input(1));
  const mask = maskOf(term.input(1));
  if (values === null || mask === null) return null;
  return { kind: 'sparse', shape: target, positions: { kind: 'mask', mask }, values };
}

/** `before * bit + (ones up to here in this byte) * bit`, each looked up by byte. */
function maskOf(rank: Term): Weight | null {
  if (rank.node?.opType !== 'Add') return null;
  const [left, within] = [rank.input(0), rank.input(1)];
  if (left.node?.opType !== 'Mul' || within.node?.opType !== 'Gather' || left.input(1).node?.opType !== 'Gather')
    return null;
  const sum = left.input(0);
  const isSum = sum.node?.opType === 'CumSum' && intAttribute(sum.node, 'exclusive', 0) === 1;
  const bits = smallValue(left.input(1).input(0))?.numbers;
  const mask = castBytes(within.input(1));
  if (!isSum || bits === undefined || mask === null || !isCodeTable(bits, 1, 0, 0)) return null;
  return castBytes(left.input(1).input(1)) === mask ? mask : null;
}

/** Values put at the running sum of steps. */
function stepped(term: Term, target: readonly number[]): UnpackedTensor | null {
  const sum = term.input(1);
  const zeroed = term.input(0);
  const isZeros = zeroed.node?.opType === 'Reshape' && zeroed.input(0).node?.opType === 'ConstantOfShape';
  if (!isZeros || sum.node?.opType !== 'CumSum') return null;
  const lengths = sum.input(0).node?.opType === 'Min' ? sum.input(0).input(0) : sum.input(0);
  const steps = integerCodes(lengths.node?.opType === 'Reshape' ? lengths.input(0) : lengths)?.codes;
  const spread = term.input(2);
  const values = flatValues(spread.node?.opType === 'Where' ? spread.input(1) : spread);
  if (steps === undefined || values === null) return null;
  return { kind: 'sparse', shape: target, positions: { kind: 'steps', steps }, values };
}

function flatValues(term: Term): UnpackedTensor | null {
  const dense = term.weight ?? (term.node?.opType === 'Cast' ? term.input(0).weight : null);
  if (dense !== null) return isFloat(dense.dtype) ? { kind: 'dense', shape: dense.shape, stored: dense } : null;
  if (term.node?.opType === 'Mul') return affineTensor(term, null);
  return recognizeUnpacking(term);
}
