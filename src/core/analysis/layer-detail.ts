import type { Layer } from './layers';
import { isWeighted } from './weight-roles';

/** What tells a layer from its siblings, in few characters: "3x3 s2", "64 -> 10"; "" where there is nothing to say. */
export function layerDetail(layer: Layer): string {
  const { node } = layer;
  const main = layer.weights.find((weight) => weight.role === 'weight');
  const kernel = intsOf(layer, 'kernel_shape') ?? (node.opType.includes('Conv') ? main?.seenShape.slice(2) : undefined);
  if (kernel !== undefined) return windowDetail(layer, kernel);
  if (main === undefined || !isWeighted(node.opType)) return '';
  return matrixDetail(main.shape, main.outputAxis);
}

function windowDetail(layer: Layer, kernel: readonly number[]): string {
  const parts = [kernel.join('x')];
  const strides = intsOf(layer, 'strides');
  if (strides?.some((stride) => stride !== 1)) parts.push(`s${compact(strides)}`);
  const dilations = intsOf(layer, 'dilations');
  if (dilations?.some((dilation) => dilation !== 1)) parts.push(`d${compact(dilations)}`);
  const group = layer.node.attributes.get('group');
  if (group?.kind === 'int' && group.value > 1) parts.push(`g${group.value}`);
  return parts.join(' ');
}

function matrixDetail(shape: readonly number[], outputAxis: number | null): string {
  if (shape.length !== 2 || outputAxis === null) return shape.length === 1 ? String(shape[0]) : '';
  return `${shape[1 - outputAxis] ?? ''} -> ${shape[outputAxis] ?? ''}`;
}

function compact(lengths: readonly number[]): string {
  return lengths.every((length) => length === lengths[0]) ? String(lengths[0]) : lengths.join('x');
}

function intsOf(layer: Layer, name: string): readonly number[] | undefined {
  const attribute = layer.node.attributes.get(name);
  return attribute?.kind === 'ints' && attribute.value.length > 0 ? attribute.value : undefined;
}
