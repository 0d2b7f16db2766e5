/**
 * How an axis of a tensor is made of channels, so that those of one place can be left out everywhere: a sum of products.
 * A concatenation is a sum (`[[a], [b]]`), a flattened picture a product (`[[channels, height, width]]`).
 */
export type Axis = readonly Product[];
export type Product = readonly Channels[];

/** Channels that stay or go together, wherever they occur. */
export class Channels {
  private same: Channels | null = null;
  private parts: Axis | null = null;
  private isFixed: boolean;

  constructor(
    readonly size: number,
    fixed: boolean,
  ) {
    this.isFixed = fixed || size <= 1;
  }

  /** The channels that these were found to be. */
  get root(): Channels {
    let root = this.same;
    while (root?.same) root = root.same;
    return root ?? this;
  }

  /** What these are made of, once that is known. */
  get madeOf(): Axis | null {
    return this.root.parts;
  }

  /** Whether all of them have to stay. */
  get fixed(): boolean {
    return this.root.isFixed;
  }

  fix(): void {
    const { root } = this;
    root.isFixed = true;
    if (root.parts) fixAxis(root.parts);
  }

  /** @param axis of the same length */
  become(axis: Axis): void {
    const { root } = this;
    root.parts = axis;
    if (root.isFixed) fixAxis(axis);
  }

  join(other: Channels): void {
    const [left, right] = [this.root, other.root];
    if (left === right) return;
    left.same = right;
    if (left.isFixed) right.fix();
  }
}

export const axisOf = (size: number, fixed = false): Axis => [[new Channels(size, fixed)]];

export function fixAxis(axis: Axis): void {
  for (const product of axis) for (const channels of product) channels.fix();
}

export const productSize = (product: Product): number => product.reduce((size, channels) => size * channels.size, 1);

/** The axis in channels that are not made of others; null where a sum stands inside a product and cannot be pulled out. */
export function flat(axis: Axis): Axis | null {
  const sums: Product[] = [];
  for (const product of axis) {
    const made = flatProduct(product);
    if (made === null) return null;
    sums.push(...made);
  }
  return sums;
}

function flatProduct(product: Product): Axis | null {
  let sums: Product[] = [[]];
  for (const [at, channels] of product.entries()) {
    const parts = channels.madeOf;
    const factor = parts ? flat(parts) : [[channels.root]];
    // A sum times something is a sum of products in order; something times a sum is not.
    if (factor === null || (factor.length > 1 && at > 0 && productSize(product.slice(0, at)) > 1)) return null;
    sums = factor.length > 1 ? factor.map((each) => [...each]) : sums.map((each) => [...each, ...(factor[0] ?? [])]);
  }
  return sums;
}

/** Makes two axes of one length the same; what cannot be told apart stays whole. */
export function unify(left: Axis, right: Axis): void {
  const [a, b] = [flat(left), flat(right)];
  if (a === null || b === null || !unifySums([...a], [...b])) {
    fixAxis(left);
    fixAxis(right);
  }
}

function unifySums(left: Product[], right: Product[]): boolean {
  while (left.length > 0 && right.length > 0) {
    const [a = [], b = []] = [left.shift(), right.shift()];
    const [own, other] = [productSize(a), productSize(b)];
    if (own === other) {
      if (!unifyProducts([...a], [...b])) return false;
    } else if (own > other) {
      const rest = cutOff(a, other);
      if (!rest || !unifyProducts([...rest[0]], [...b])) return false;
      left.unshift(rest[1]);
    } else {
      const rest = cutOff(b, own);
      if (!rest || !unifyProducts([...a], [...rest[0]])) return false;
      right.unshift(rest[1]);
    }
  }
  return left.length === right.length;
}

/** Channels as the first `size` of them and the others; null for products. */
function cutOff(product: Product, size: number): readonly [Product, Product] | null {
  const [channels] = product;
  if (!channels || product.length > 1) return null;
  const { root } = channels;
  const first = [new Channels(size, root.fixed)];
  const rest = [new Channels(root.size - size, root.fixed)];
  root.become([first, rest]);
  return [first, rest];
}

function unifyProducts(left: Channels[], right: Channels[]): boolean {
  while (left.length > 0 || right.length > 0) {
    const [a, b] = [left.shift(), right.shift()];
    if (a?.size === 1 && b?.size !== 1) {
      if (b) right.unshift(b);
    } else if (b?.size === 1 && a?.size !== 1) {
      if (a) left.unshift(a);
    } else if (!a || !b) return false;
    else if (a.size === b.size) a.join(b);
    else if (a.size > b.size) {
      const parts = split(a, b.size);
      if (!parts) return false;
      parts[0].join(b);
      left.unshift(parts[1]);
    } else {
      const parts = split(b, a.size);
      if (!parts) return false;
      parts[0].join(a);
      right.unshift(parts[1]);
    }
  }
  return true;
}

/** Channels as a product of `outer` and what is left. */
function split(channels: Channels, outer: number): readonly [Channels, Channels] | null {
  const { root } = channels;
  if (root.size % outer !== 0) return null;
  const parts = [new Channels(outer, root.fixed), new Channels(root.size / outer, root.fixed)] as const;
  root.become([parts]);
  return parts;
}
