import type { EncodedTensor } from '../../../../compression/encodings/encoded-tensor';
import type { Weight } from '../../../../model/model';
import type { asCall } from '../emit';
import type { SharedParts } from '../shared-parts';
import type { UnpackedWeight } from '../unpacked-weight';
import type { GraphUses } from '../uses';
import { divideProducts, partsOf, undividable } from './divided-product';
import { gatherRows, rowsRefusal } from './gathered-rows';
import { isDivisible, type Divisible } from './part-of';
import { readersOf } from './readers';

/** `Split` takes its lengths as an input, and axes are counted from the last, from here on. */
const DIVIDING_OPSET = 13;

/** What dividing a weight takes. */
export interface LargeWeight {
  readonly opset: number;
  readonly uses: GraphUses;
  readonly name: string;
  readonly weight: Weight;
  /** Elements that a part may have. */
  readonly most: number;
  /** How programs are written. */
  readonly emit: typeof asCall;
  /** What stands for a part, under a name. */
  store(name: string, weight: Weight, tensor: Divisible): UnpackedWeight;
}

/**
 * What stands for a weight that is too large to be unpacked whole when the model is loaded: products by parts of it, or
 * the rows that are looked up unpacked at each inference. A clause that says why neither can be.
 */
export function storeLarge(place: LargeWeight, tensor: EncodedTensor, shared: SharedParts): UnpackedWeight | string {
  const { name, weight, uses } = place;
  if (place.opset < DIVIDING_OPSET) return `operator set ${place.opset} cannot take it apart`;
  if (!isDivisible(tensor)) return 'it is sparse';
  const readers = readersOf(uses, name, tensor.shape.length);
  if (typeof readers === 'string') return readers;
  if (readers.kind === 'rows') {
    return rowsRefusal(tensor) ?? gatherRows(name, weight.dtype, tensor, readers, place.emit, shared);
  }
  const reason = undividable(readers, tensor.shape[readers.axis] ?? 1, uses);
  if (reason !== null) return reason;
  const parts = partsOf(tensor, readers.axis, place.most);
  if (parts === null) return 'what has to stay together of it is larger';
  return divideProducts({ ...place, tensor, readers, parts }, shared);
}
