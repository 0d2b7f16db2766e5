/** The functions of assembly/index.ts as JavaScript sees them. */
export interface KernelExports {
  statistics(input: number, count: number, result: number): void;
  histogram(input: number, count: number, least: number, factor: number, tables: number): void;
  countNonFinite(input: number, count: number): number;
  rangeOf(input: number, count: number, extremes: number): number;
  countBins(input: number, count: number, perWidth: number, tables: number): void;
  takeBins(tables: number, from: number, to: number, output: number): void;
  channelEnergy(
    input: number,
    count: number,
    channels: number,
    inner: number,
    channel: number,
    offset: number,
    sums: number,
  ): void;
  columnEnergy(input: number, count: number, channels: number, channel: number, sums: number): void;
  startWalk(
    count: number,
    width: number,
    block: number,
    length: number,
    column: number,
    blockLeft: number,
    sliceLeft: number,
    scale: number,
    scales: number,
  ): void;
  extremes(input: number, lows: number, highs: number): void;
  peaks(input: number, peaks: number): void;
  largest(input: number, mask: number, flip: number, size: number, heaps: number): void;
  quantize(input: number, scales: number, zeroPoints: number, low: number, high: number, output: number): void;
  quantizationLoss(input: number, scales: number, zeroPoints: number, low: number, high: number, sums: number): void;
  dequantize(input: number, scales: number, zeroPoints: number, signed: number, output: number): void;
  pack(input: number, count: number, bits: number, output: number): void;
  unpack(input: number, count: number, bits: number, signed: number, output: number): void;
  assign(input: number, thresholds: number, bits: number, output: number): void;
  assignFrom(input: number, thresholds: number, bits: number, starts: number, steps: number, output: number): void;
  lookUp(input: number, tables: number, bits: number, output: number): void;
  tally(input: number, first: number, slots: number, tables: number): void;
  gather(input: number, first: number, slots: number, cursors: number, room: number, output: number): void;
  distinct(input: number, limit: number, counts: number, tables: number): number;
  tallyMagnitudes(input: number, count: number, table: number): void;
  tallyWithin(input: number, count: number, upper: number, table: number): void;
  prune(input: number, count: number, threshold: number, ties: number): number;
  maskBits(input: number, count: number, output: number): void;
  compact(input: number, count: number, output: number): number;
  expand(mask: number, count: number, values: number, output: number): void;
  halve(input: number, count: number, output: number): number;
  widenFloat16(input: number, count: number, output: number): void;
  widenBfloat16(input: number, count: number, output: number): void;
  narrowBfloat16(input: number, count: number, output: number): number;
  noise(original: number, changed: number, count: number, result: number): void;
}

const NAMES = [
  'statistics',
  'histogram',
  'countNonFinite',
  'rangeOf',
  'countBins',
  'takeBins',
  'channelEnergy',
  'columnEnergy',
  'startWalk',
  'extremes',
  'peaks',
  'largest',
  'quantize',
  'quantizationLoss',
  'dequantize',
  'pack',
  'unpack',
  'assign',
  'assignFrom',
  'lookUp',
  'tally',
  'gather',
  'distinct',
  'tallyMagnitudes',
  'tallyWithin',
  'prune',
  'maskBits',
  'compact',
  'expand',
  'halve',
  'widenFloat16',
  'widenBfloat16',
  'narrowBfloat16',
  'noise',
] as const satisfies readonly (keyof KernelExports)[];

/** True when the module carries every kernel: it was built from these sources. */
export function isKernelExports(exports: object): exports is KernelExports {
  return NAMES.every((name) => typeof Reflect.get(exports, name) === 'function');
}
