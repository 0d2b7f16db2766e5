import type { Attribute, Weight } from '../../../../model/model';
import { withAttributes } from '../../attributes';
import { float32Weight, int64Weight } from '../../new-weights';
import type { Rewrite } from '../rewrite';

/** An attribute that became an input: after the data, in the order of the list. */
export interface MovedAttribute {
  readonly attribute: string;
  readonly dtype: 'int64' | 'float32';
}

/**
 * Turns attributes into constant inputs after the first one: `axes` of Squeeze, Unsqueeze and ReduceSum, `split`,
 * bounds of Clip and Slice, `k` of TopK, `shape` of Reshape. Those not stated are left out.
 */
export function attributesToInputs(moved: readonly MovedAttribute[]): Rewrite {
  return (node, scope) => {
    const inputs = [node.inputs[0] ?? ''];
    for (const { attribute, dtype } of moved) {
      const value = node.attributes.get(attribute);
      const weight = value === undefined ? null : weightOf(scope.names.numbered('c'), value, dtype);
      inputs.push(weight === null ? '' : scope.add(weight));
    }
    while (inputs.length > 1 && inputs.at(-1) === '') inputs.pop();
    const removed = Object.fromEntries(moved.map(({ attribute }) => [attribute, undefined]));
    return [{ ...withAttributes(node, removed), inputs }];
  };
}

/** Lists become vectors; a bound becomes a scalar; a count (`k`) a vector of one. */
function weightOf(name: string, value: Attribute, dtype: 'int64' | 'float32'): Weight | null {
  if (dtype === 'float32') return value.kind === 'float' ? float32Weight(name, [], Float32Array.of(value.value)) : null;
  if (value.kind === 'int') return int64Weight(name, [value.value]);
  return value.kind === 'ints' ? int64Weight(name, value.value) : null;
}
