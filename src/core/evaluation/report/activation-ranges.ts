import { indexGraph } from '../../analysis/graph-order';
import { layersOf } from '../../analysis/layers';
import { constantNumbers } from '../../analysis/tensor-constants';
import { bitsOf, isSigned, type DType } from '../../model/dtype';
import type { Graph, Model, Node, Weight } from '../../model/model';
import type { ActivationRange } from '../report.schema';

/**
 * The activations that a model stores as codes with one scale, in running order, as its file says: what its
 * `QuantizeLinear` nodes round. Each is named after the layer that computes it, inputs by their own names.
 */
export function activationRanges(model: Model): ActivationRange[] {
  const { graph } = model;
  const makers = new Map(layersOf(model).map((layer) => [layer.output, layer.name]));
  const seen = new Set<string>();
  return indexGraph(graph).order.flatMap((node) => {
    const [source = ''] = node.inputs;
    if (node.opType !== 'QuantizeLinear' || graph.weights.has(source) || seen.has(source)) return [];
    seen.add(source);
    const found = rangeOf(graph, node);
    return found === null ? [] : [{ name: makers.get(source) ?? source, ...found }];
  });
}

/** Null where scale or zero point are computed, or differ along an axis. */
function rangeOf({ weights }: Graph, node: Node): Omit<ActivationRange, 'name'> | null {
  const [, scaleName = '', zeroName = ''] = node.inputs;
  const scale = onlyNumber(weights.get(scaleName));
  const zero = weights.get(zeroName);
  const zeroPoint = zeroName === '' ? 0 : onlyNumber(zero);
  if (scale === null || zeroPoint === null) return null;
  // Without a zero point the codes are unsigned bytes.
  const dtype: DType = zero?.dtype ?? 'uint8';
  const bits = bitsOf(dtype);
  const lowest = isSigned(dtype) ? -(2 ** (bits - 1)) : 0;
  const real = (code: number): number => (code - zeroPoint) * scale;
  return { min: real(lowest), max: real(lowest + 2 ** bits - 1), scale, zeroPoint, bits };
}

function onlyNumber(weight: Weight | undefined): number | null {
  const numbers = weight === undefined ? null : constantNumbers(weight);
  return numbers?.length === 1 ? (numbers[0] ?? null) : null;
}
