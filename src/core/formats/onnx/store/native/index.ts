import type { AffineTensor } from '../../../../compression/encodings/encoded-tensor';
import type { FreshNames } from '../../../../compression/graph/fresh-names';
import { EdgewiseError } from '../../../../errors';
import type { Node, Weight } from '../../../../model/model';
import { quotedName } from '../../../file-errors';
import type { UnpackedWeight } from '../unpacked-weight';
import type { GraphUses } from '../uses';
import { dequantizeOpset, storeDequantize } from './dequantize';
import { readsTable, storeTable, tableBlocks } from './gather-block-quantized';
import { fitsNBits, storeNBits } from './matmul-nbits';

/** A weight in a graph, and the graph's operator set. */
export interface NativePlace {
  readonly uses: GraphUses;
  readonly name: string;
  readonly weight: Weight;
  readonly opset: number;
}

/** What stands for a weight under the runtime's own operators. @throws EdgewiseError `unsupported` where none does. */
export function storeNative(place: NativePlace, tensor: AffineTensor, names: FreshNames): UnpackedWeight {
  const { name, weight } = place;
  const readers = place.uses.index.consumers.get(name) ?? [];
  if (isTable(place, tensor)) return storeTable(readers, tensor, name, names);
  const needed = dequantizeOpset(tensor.bits, tensor.block);
  if (needed !== null && place.opset >= needed) return storeDequantize(weight, tensor, name, names);
  const product = productBy(place, tensor);
  if (product !== null) return storeNBits(product, tensor, name, names);
  throw new EdgewiseError(
    'unsupported',
    `No operator of set ${place.opset} reads the codes of the weight ${quotedName(name)}. Store it unpacking.`,
  );
}

/** The operator set that a weight's native form needs, where the model's own is older; null where it will do. */
export function neededOpset(place: NativePlace, tensor: AffineTensor): number | null {
  const needed = dequantizeOpset(tensor.bits, tensor.block);
  if (needed === null || place.opset >= needed || isTable(place, tensor)) return null;
  return productBy(place, tensor) === null ? needed : null;
}

function isTable({ uses, name, weight }: NativePlace, tensor: AffineTensor): boolean {
  if (weight.dtype !== 'float32' || uses.index.outputNames.has(name) || tableBlocks(tensor) === null) return false;
  return readsTable(uses.index.consumers.get(name) ?? [], name, tensor);
}

/** The matrix product that alone reads the weight, on its right, where one kernel multiplies by its codes. */
function productBy({ uses, name, weight }: NativePlace, { bits, axis, block, shape }: AffineTensor): Node | null {
  const [reader, ...others] = uses.index.consumers.get(name) ?? [];
  if (reader?.opType !== 'MatMul' || reader.domain !== '' || others.length > 0 || weight.dtype !== 'float32')
    return null;
  if (!fitsNBits(bits, axis, block) || shape.length !== 2) return null;
  return reader.inputs[1] === name && reader.inputs[0] !== name && !uses.index.outputNames.has(name) ? reader : null;
}
