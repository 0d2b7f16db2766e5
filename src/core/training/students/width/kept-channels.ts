import { flat, productSize, type Axis, type Channels } from './axis';

/** Which channels stay, by the channels that they belong to. Those that are not here stay all. */
export type KeptChannels = ReadonlyMap<Channels, Int32Array>;

/** Channels that can be left out, of all axes: of those that make one axis by a product only one. */
export function narrowable(axes: Iterable<readonly Axis[]>, width: number): Set<Channels> {
  const found = new Set<Channels>();
  const products = [...axes].flat().flatMap((axis) => flat(axis) ?? []);
  for (const product of products) {
    const free = [...new Set(product.map(({ root }) => root))].filter(({ fixed, size }) => !fixed && size > 1);
    const [first] = free;
    // Whole heads where that gives the share, or what is in each of them.
    const chosen = free.length > 1 ? (free.find(({ size }) => Number.isInteger(size * width)) ?? first) : first;
    for (const channels of free) if (channels !== chosen) channels.fix();
    if (chosen) found.add(chosen);
  }
  return new Set([...found].filter(({ fixed }) => !fixed));
}

/** Positions along an axis that stay, in order. */
export function keptPositions(axis: Axis, kept: KeptChannels): Int32Array {
  const positions: number[] = [];
  let start = 0;
  for (const product of flat(axis) ?? axis) {
    let own = [0];
    for (const channels of product) {
      const stay = kept.get(channels.root) ?? Int32Array.from({ length: channels.size }, (_, at) => at);
      own = own.flatMap((outer) => Array.from(stay, (inner) => outer * channels.size + inner));
    }
    for (const position of own) positions.push(start + position);
    start += productSize(product);
  }
  return Int32Array.from(positions);
}

/** Calls back with each position of an axis and the channels that it belongs to. */
export function eachPosition(axis: Axis, visit: (position: number, channels: Channels, at: number) => void): void {
  let start = 0;
  for (const product of flat(axis) ?? []) {
    const size = productSize(product);
    let inner = size;
    for (const channels of product) {
      inner /= channels.size;
      for (let position = 0; position < size; position++)
        visit(start + position, channels.root, Math.floor(position / inner) % channels.size);
    }
    start += size;
  }
}
