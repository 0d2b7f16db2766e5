import { withShortNames } from '../compression/graph/short-names';
import { EdgewiseError } from '../errors';
import { formatOf } from '../formats';
import type { Model } from '../model/model';

/**
 * Bytes of the file that `withShortNames` gives: the weights as they are, and the least graph that computes the same.
 * Ratios to it are not flattered by long names, which a small network's file is mostly made of. Null where the model
 * holds what can only be copied.
 */
export function strippedBytes(model: Model): number | null {
  try {
    return formatOf(model.format).encodedBytes(withShortNames(model));
  } catch (error) {
    if (EdgewiseError.is(error, 'unsupported')) return null;
    throw error;
  }
}
