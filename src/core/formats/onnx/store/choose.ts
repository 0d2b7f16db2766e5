import type { AffineTensor, EncodedTensor } from '../../../compression/encodings/encoded-tensor';
import { EdgewiseError } from '../../../errors';
import { bitsOf } from '../../../model/dtype';
import { elementsOf, type Model, type Weight } from '../../../model/model';
import type { StorageForm } from '../../format';
import { quotedName } from '../../file-errors';
import { asCall, asNodes } from './emit';
import { FREE_INITIALIZERS_IR, irVersionOf, opsetOf } from './file-needs';
import { storeNative } from './native';
import { DEQUANTIZE_OPSET, storeDequantize } from './native/dequantize';
import { storeLarge } from './large';
import { storeProduct } from './product';
import { NO_GRAPH, SharedParts } from './shared-parts';
import { bytesInFile } from './size';
import { storeCast, type UnpackedWeight } from './unpacked-weight';
import { unpackings } from './unpacking';
import type { Unpacking } from './unpacking/operands';
import { fusesWithDequantize, type GraphUses } from './uses';

/**
 * ONNX Runtime leaves nodes in the graph whose output is larger, and computes them at each inference; measured with
 * 1.32: a weight of 1 GiB and a little more is not folded, also not when its parts are joined.
 */
export const LARGEST_FOLDED_BYTES = 2 ** 30;

/** What codes fill up, and the zero in front of masked values. */
const ROOM_BYTES = 1024;

/** One weight that is stored anew. */
export interface WeightInGraph {
  readonly model: Model;
  readonly uses: GraphUses;
  readonly name: string;
  readonly weight: Weight;
  readonly form: StorageForm;
  /** Bytes that a runtime unpacks a weight to when it loads the model, and no more. */
  readonly largest: number;
}

/** What stands for a weight in the file. @throws EdgewiseError `unsupported` where the form has nothing for it. */
export function chooseForm(place: WeightInGraph, tensor: EncodedTensor, shared: SharedParts): UnpackedWeight {
  const { weight, name } = place;
  if (elementsOf(tensor.shape) === 0) return { weights: [{ ...weight, name }], nodes: [] };
  if (!isUnpackedAtLoad(place, tensor) || elementsOf(tensor.shape) <= mostElements(place)) {
    return wholeForm(place, tensor, shared);
  }
  const large = storeLarge(
    {
      ...place,
      opset: opsetOf(place.model),
      most: mostElements(place),
      emit: emitterOf(place),
      store: (part, piece, values) => wholeForm({ ...place, name: part, weight: piece }, values, shared),
    },
    tensor,
    shared,
  );
  if (typeof large !== 'string') return large;
  if (isCheaplyUnpacked(tensor)) return wholeForm(place, tensor, shared);
  throw new EdgewiseError(
    'unsupported',
    `The weight ${quotedName(name)} has more than ${bytesInWords(place.largest)} once it is unpacked, which ONNX Runtime would do at each inference, and ${large}. Store it native, or keep it as it is.`,
  );
}

function wholeForm(place: WeightInGraph, tensor: EncodedTensor, shared: SharedParts): UnpackedWeight {
  const { weight, name } = place;
  if (tensor.kind === 'dense') {
    if (tensor.dtype !== weight.dtype) return storeCast(weight, tensor.dtype, tensor.data, name, shared.names);
    return { weights: [{ ...weight, name, data: { kind: 'stream', stream: tensor.data } }], nodes: [] };
  }
  if (tensor.kind === 'affine') return chooseAffine(place, tensor, shared);
  return unpackingForm(place, tensor, shared);
}

/** False for what the operators that use it read as it is stored, and for native forms, which are never unpacked whole. */
function isUnpackedAtLoad(place: WeightInGraph, tensor: EncodedTensor): boolean {
  if (place.form === 'native') return false;
  if (tensor.kind === 'dense') return tensor.dtype !== place.weight.dtype;
  return tensor.kind !== 'affine' || !isFused(place, tensor);
}

/** At each inference, if it comes to that: a step or two of arithmetic. */
function isCheaplyUnpacked(tensor: EncodedTensor): boolean {
  return tensor.kind === 'dense' || (tensor.kind === 'affine' && isPlainBytes(tensor));
}

function mostElements({ largest, weight: { dtype } }: WeightInGraph): number {
  return Math.floor(((largest - ROOM_BYTES) * 8) / Math.max(32, bitsOf(dtype)));
}

function bytesInWords(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GiB` : `${bytes.toLocaleString('en-US')} bytes`;
}

function chooseAffine(place: WeightInGraph, tensor: AffineTensor, shared: SharedParts): UnpackedWeight {
  const { form, weight, name } = place;
  if (form === 'native') return storeNative({ ...place, opset: opsetOf(place.model) }, tensor, shared.names);
  if (!isPlainBytes(tensor)) return unpackingForm(place, tensor, shared);
  return isFused(place, tensor)
    ? storeDequantize(weight, tensor, name, shared.names)
    : storeProduct(weight, tensor, name, shared.names);
}

function isPlainBytes({ bits, block }: AffineTensor): boolean {
  return bits === 8 && block === null;
}

/** True where ONNX Runtime makes one kernel of a weight's unpacking and the product that reads it. */
function isFused({ model, uses, name, weight, form }: WeightInGraph, tensor: AffineTensor): boolean {
  if (form !== 'smallest' || !isPlainBytes(tensor) || !tensor.symmetric) return false;
  return weight.dtype === 'float32' && opsetOf(model) >= DEQUANTIZE_OPSET && fusesWithDequantize(uses, name, tensor);
}

function unpackingForm(place: WeightInGraph, tensor: EncodedTensor, shared: SharedParts): UnpackedWeight {
  const { model, weight, name } = place;
  const emit = emitterOf(place);
  return emit(smallest(model, name, unpackings(tensor, weight.dtype), emit), name, shared);
}

function emitterOf({ form, model }: WeightInGraph): typeof asCall {
  const isCompact = form === 'smallest' || form === 'computed';
  return isCompact && irVersionOf(model) >= FREE_INITIALIZERS_IR ? asCall : asNodes;
}

/** Compared in a graph without names, so that those that are taken do not decide. */
function smallest(model: Model, name: string, all: readonly Unpacking[], emit: typeof asCall): Unpacking {
  const sizes = new Map(
    all.length === 1
      ? []
      : all.map((unpacking) => [unpacking, bytesInFile(model, emit(unpacking, name, new SharedParts(NO_GRAPH)))]),
  );
  const best = all.reduce<Unpacking | undefined>(
    (least, next) => (least === undefined || (sizes.get(next) ?? 0) < (sizes.get(least) ?? 0) ? next : least),
    undefined,
  );
  if (best === undefined) throw new EdgewiseError('internal', `Nothing unpacks the weight ${quotedName(name)}.`);
  return best;
}
