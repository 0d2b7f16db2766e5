import { inferShapes } from '../../../analysis/shapes';
import { LOWEST_OPSET, raiseOpset } from '../../../compression/graph/opset/raise';
import { EdgewiseError } from '../../../errors';
import { isFloat } from '../../../model/dtype';
import { encodingLabel, type Encoding } from '../../../model/encoding';
import type { Model } from '../../../model/model';
import type { StorageForm } from '../../format';
import { opsetOf } from './file-needs';
import { BLOCKS_OPSET, DEQUANTIZE_OPSET, dequantizeOpset } from './native/dequantize';
import { fitsNBits } from './native/matmul-nbits';

/** `Mul` broadcasts as it does today from here on; ONNX Runtime runs no older models either. */
const OLDEST_OPSET = 7;
/** `Cast` knows bfloat16, and every operator that weights unpack themselves by is as it is today, from here on. */
const MODERN_OPSET = 13;

/** Why a model cannot hold weights encoded so, and what is nearest; null where it can. */
export function refusal(encoding: Encoding, model: Model, form: StorageForm = 'smallest'): string | null {
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) {
    return `Opset ${opset} is too old to hold encoded weights. Convert the model to opset ${OLDEST_OPSET} or newer first.`;
  }
  switch (encoding.kind) {
    case 'dense':
      return denseRefusal(encoding.dtype, opset);
    case 'affine':
      return form === 'native' ? nativeRefusal(encoding, model) : codesRefusal(encoding, model);
    case 'palette':
    case 'sparse':
      if (form === 'native') {
        return `No ONNX operator reads a ${encodingLabel(encoding)} encoding. Store it unpacking; the nearest native one is int8 per channel.`;
      }
      return encoding.kind === 'palette'
        ? (bitsRefusal(encoding.bits) ?? ageRefusal(model))
        : sparseRefusal(encoding, model);
  }
}

function denseRefusal(dtype: Extract<Encoding, { kind: 'dense' }>['dtype'], opset: number): string | null {
  if (!isFloat(dtype)) return `A weight cannot become ${dtype} without a scale. Use int8 codes.`;
  if (dtype === 'float16' || dtype === 'float32' || dtype === 'float64') return null;
  if (dtype === 'bfloat16' && opset >= MODERN_OPSET) return null;
  return `Weights of type ${dtype} are not stored in ONNX files of opset ${opset} here. The nearest is float16.`;
}

/** Which of the operators a weight gets is decided by where it is: here, whether the model can have any. */
function nativeRefusal(encoding: Extract<Encoding, { kind: 'affine' }>, model: Model): string | null {
  const { bits, axis, block } = encoding;
  const needed = dequantizeOpset(bits, block);
  if (needed === null) {
    return `No ONNX operator reads ${encodingLabel(encoding)} codes. Store them unpacking; the nearest native ones have 4 bits.`;
  }
  return fitsNBits(bits, axis, block) ? ageRefusal(model) : ageRefusal(model, needed);
}

function codesRefusal({ bits, block }: Extract<Encoding, { kind: 'affine' }>, model: Model): string | null {
  // The form of 8-bit codes needs nothing that older sets lack.
  if (bits === 8 && block === null) return null;
  return bitsRefusal(bits) ?? ageRefusal(model);
}

function sparseRefusal({ values }: Extract<Encoding, { kind: 'sparse' }>, model: Model): string | null {
  switch (values.kind) {
    case 'dense':
      return denseRefusal(values.dtype, MODERN_OPSET) ?? ageRefusal(model);
    case 'affine':
    case 'palette':
      return bitsRefusal(values.bits) ?? ageRefusal(model);
    case 'sparse':
      return 'The values of a sparse encoding cannot be sparse again. Use a palette for them.';
  }
}

function bitsRefusal(bits: number): string | null {
  if (Number.isInteger(bits) && bits >= 1 && bits <= 8) return null;
  return `Codes of ${bits} bits are not stored in ONNX files here. The nearest have 8.`;
}

/** The sentence of the operator that keeps the model at an older set. */
function ageRefusal(model: Model, least = DEQUANTIZE_OPSET): string | null {
  const result = raisedOnce(model, least);
  return result instanceof EdgewiseError ? result.message : null;
}

/** The model with an operator set that weights can be stored in, once. @throws EdgewiseError `unsupported`. */
export function raised(model: Model, least = DEQUANTIZE_OPSET): Model {
  const result = raisedOnce(model, least);
  if (result instanceof EdgewiseError) throw result;
  return result;
}

/** Models are never changed in place: what became of one is asked for again with each of its weights. */
const RAISED = new WeakMap<Model, Map<number, Model | EdgewiseError>>();

function raisedOnce(model: Model, least: number): Model | EdgewiseError {
  if (opsetOf(model) >= least) return model;
  const known = RAISED.get(model) ?? new Map<number, Model | EdgewiseError>();
  RAISED.set(model, known);
  const result = known.get(least) ?? tryRaising(model, least);
  known.set(least, result);
  return result;
}

function tryRaising(model: Model, least: number): Model | EdgewiseError {
  let types: ReturnType<typeof inferShapes> | undefined;
  const rankOf = (value: string) => (types ??= inferShapes(model)).get(value)?.shape?.length ?? null;
  const to = least > LOWEST_OPSET ? BLOCKS_OPSET : LOWEST_OPSET;
  const purpose = to === BLOCKS_OPSET ? 'native codes of 4 bits or in blocks need' : 'self-unpacking weights need';
  try {
    return raiseOpset(model, rankOf, purpose, to);
  } catch (error) {
    if (error instanceof EdgewiseError && error.kind === 'unsupported') return error;
    throw error;
  }
}

/** True for encodings that need operators of the newer sets. */
export function needsRaising(encoding: Encoding, form: StorageForm): boolean {
  if (encoding.kind === 'dense') return false;
  return form === 'native' || encoding.kind !== 'affine' || encoding.bits !== 8 || encoding.block !== null;
}
