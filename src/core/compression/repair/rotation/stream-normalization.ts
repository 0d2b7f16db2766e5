import { elementsOf, type Node, type Weight } from '../../../model/model';
import { intAttribute } from '../../graph/attributes';
import type { MatrixLayer } from '../matrix-layers';
import { NORMALIZATIONS } from '../scaling/scalable-inputs';
import { carriesConstants } from './carriers';
import type { GraphFacts } from './graph-facts';
import type { SpaceNormalization } from './space';

/** Divides vectors by their length, which no rotation changes. */
export function isNormalization({ opType }: Node): boolean {
  return NORMALIZATIONS.has(opType);
}

/** True where the mean is taken off before that. */
export function takesMean({ opType }: Node): boolean {
  return opType === 'LayerNormalization';
}

/** True where a normalization works along one axis, the last, and gives nothing but its result. */
export function normalizesLast(node: Node, facts: GraphFacts): boolean {
  const rank = facts.shape(node.inputs[0] ?? '')?.length ?? 0;
  const axis = intAttribute(node, 'axis', -1);
  return (axis === -1 || axis === rank - 1) && node.outputs.slice(1).every((name) => facts.readers(name).length === 0);
}

/** A normalization with the layers that can take in its scale and bias, or in words why there are none. */
export function absorbable(node: Node, size: number, facts: GraphFacts): SpaceNormalization | string {
  const label = `the normalization ${node.name === '' ? (node.outputs[0] ?? '') : node.name}`;
  const scale = vector(node.inputs[1], size, facts);
  const biasName = node.inputs[2] ?? '';
  const bias = biasName === '' ? null : vector(biasName, size, facts);
  if (scale === null || (biasName !== '' && bias === null)) return `${label} has a scale or bias that is computed`;
  const readers: MatrixLayer[] = [];
  const waiting = [node.outputs[0] ?? ''];
  // A value is reached once: what carries constants reads one.
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const reader of facts.readers(value)) {
      const layer = facts.layerReading(reader, value);
      if (layer !== null && layer.node.opType !== 'Conv' && !(layer.sharesBias && bias !== null)) readers.push(layer);
      else if (layer === null && carriesConstants(reader))
        waiting.push(...reader.outputs.filter((name) => name !== ''));
      else return `${label} is read by ${reader.opType}, which cannot take in its scale`;
    }
  }
  return { node, scale, bias, readers };
}

/** A float32 initializer of so many numbers, whoever else reads it. */
function vector(name: string | undefined, size: number, facts: GraphFacts): Weight | null {
  const weight = facts.model.graph.weights.get(name ?? '');
  return weight?.dtype === 'float32' && elementsOf(weight.shape) === size ? weight : null;
}
