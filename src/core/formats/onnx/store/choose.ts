import type { AffineTensor, EncodedTensor } from '../../../compression/encodings/encoded-tensor';
import { EdgewiseError } from '../../../errors';
import { bitsOf } from '../../../model/dtype';
import { elementsOf, type Graph, type Model, type Node, type Weight } from '../../../model/model';
import type { StorageForm } from '../../format';
import { quotedName } from '../../file-errors';
import { asCall, asNodes } from './emit';
import { FREE_INITIALIZERS_IR, irVersionOf, opsetOf } from './file-needs';
import { DEQUANTIZE_OPSET, dequantizeOpset, storeDequantize } from './native/dequantize';
import { fitsNBits, storeNBits } from './native/matmul-nbits';
import { storeProduct } from './product';
import { SharedParts } from './shared-parts';
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
}

/** What stands for a weight in the file. @throws EdgewiseError `unsupported` where the form has nothing for it. */
export function chooseForm(place: WeightInGraph, tensor: EncodedTensor, shared: SharedParts): UnpackedWeight {
  const { weight, name } = place;
  if (elementsOf(tensor.shape) === 0) return { weights: [{ ...weight, name }], nodes: [] };
  if (tensor.kind === 'dense') {
    if (tensor.dtype !== weight.dtype) return storeCast(weight, tensor.dtype, tensor.data, name, shared.names);
    return { weights: [{ ...weight, name, data: { kind: 'stream', stream: tensor.data } }], nodes: [] };
  }
  if (tensor.kind === 'affine') return chooseAffine(place, tensor, shared);
  return unpackingForm(place, tensor, shared);
}

function chooseAffine(place: WeightInGraph, tensor: AffineTensor, shared: SharedParts): UnpackedWeight {
  const { form, weight, name } = place;
  if (form === 'native') return nativeForm(place, tensor, shared);
  if (tensor.bits !== 8 || tensor.block !== null) return unpackingForm(place, tensor, shared);
  const fuses = form === 'smallest' && runsFused(place, tensor);
  return fuses ? storeDequantize(weight, tensor, name, shared.names) : storeProduct(weight, tensor, name, shared.names);
}

function runsFused({ model, uses, name, weight }: WeightInGraph, tensor: AffineTensor): boolean {
  const isKnown = weight.dtype === 'float32' && tensor.symmetric && opsetOf(model) >= DEQUANTIZE_OPSET;
  return isKnown && fusesWithDequantize(uses, name, tensor);
}

function nativeForm(place: WeightInGraph, tensor: AffineTensor, shared: SharedParts): UnpackedWeight {
  const { model, weight, name } = place;
  const needed = dequantizeOpset(tensor.bits, tensor.block);
  if (needed !== null && opsetOf(model) >= needed) return storeDequantize(weight, tensor, name, shared.names);
  const reader = fitsNBits(tensor.bits, tensor.axis, tensor.block) ? productBy(place) : null;
  if (reader !== null) return storeNBits(reader, tensor, name, shared.names);
  throw new EdgewiseError(
    'unsupported',
    `The weight ${quotedName(name)} is not the right side of a matrix product, so before opset ${needed ?? DEQUANTIZE_OPSET} no operator reads its codes. Store it unpacking, or convert the model to opset ${needed ?? DEQUANTIZE_OPSET}.`,
  );
}

/** The matrix product that alone reads the weight, on its right. */
function productBy({ uses, name, weight }: WeightInGraph): Node | null {
  const [reader, ...others] = uses.index.consumers.get(name) ?? [];
  if (reader?.opType !== 'MatMul' || reader.domain !== '' || others.length > 0 || weight.dtype !== 'float32')
    return null;
  return reader.inputs[1] === name && reader.inputs[0] !== name && !uses.index.outputNames.has(name) ? reader : null;
}

function unpackingForm(place: WeightInGraph, tensor: EncodedTensor, shared: SharedParts): UnpackedWeight {
  const { model, weight, name } = place;
  checkFolds(name, weight);
  const calls = place.form === 'smallest' && irVersionOf(model) >= FREE_INITIALIZERS_IR;
  const emit = calls ? asCall : asNodes;
  return emit(smallest(model, name, unpackings(tensor, weight.dtype), emit), name, shared);
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

function checkFolds(name: string, { shape, dtype }: Weight): void {
  const bytes = (elementsOf(shape) * Math.max(32, bitsOf(dtype))) / 8;
  if (bytes + ROOM_BYTES <= LARGEST_FOLDED_BYTES) return;
  throw new EdgewiseError(
    'unsupported',
    `The weight ${quotedName(name)} has more than 1 GiB once it is unpacked, which ONNX Runtime would do at each inference. Store it native, or keep it as it is.`,
  );
}

const NO_GRAPH: Graph = { name: '', nodes: [], inputs: [], outputs: [], values: new Map(), weights: new Map() };
