import type { AffineTensor } from '../../../../compression/encodings/encoded-tensor';
import { elementsOf } from '../../../../model/model';

/** How the scales of a tensor meet its codes in a multiplication that broadcasts. */
export interface ScaleLayout {
  /** The stored shape of scales and zero points. */
  readonly shape: readonly number[];
  readonly count: number;
  /** The codes' shape with the blocked axis in two, blocks and what is in one; null where the logical shape broadcasts. */
  readonly split: readonly number[] | null;
  /** The axis whose last block is cut short, so that a scale is looked up for each of its elements. */
  readonly cut: { readonly axis: number; readonly length: number; readonly block: number } | null;
}

export function scaleLayout({ shape, axis, block }: AffineTensor): ScaleLayout {
  if (axis === null) return { shape: [], count: 1, split: null, cut: null };
  const length = shape[axis] ?? 1;
  if (block === null) {
    const broadcast = shape.map((size, at) => (at === axis ? size : 1));
    return { shape: broadcast, count: length, split: null, cut: null };
  }
  const blocks = Math.ceil(length / block);
  const perBlock = shape.map((size, at) => (at === axis ? blocks : size));
  const count = elementsOf(perBlock);
  if (length % block !== 0) return { shape: perBlock, count, split: null, cut: { axis, length, block } };
  if (blocks === 1) return { shape: perBlock, count, split: null, cut: null };
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  return {
    shape: [...before, blocks, 1, ...after],
    count,
    split: [...before, blocks, block, ...after],
    cut: null,
  };
}
