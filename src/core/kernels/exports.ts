/** The functions of assembly/index.ts as JavaScript sees them. */
export interface KernelExports {
  statistics(input: number, count: number, result: number): void;
  histogram(input: number, count: number, least: number, factor: number, tables: number): void;
  countNonFinite(input: number, count: number): number;
  channelEnergy: RunKernel<[sums: number]>;
  channelPeak: RunKernel<[peaks: number]>;
  columnEnergy: ColumnKernel<[sums: number]>;
  columnPeak: ColumnKernel<[peaks: number]>;
  quantizeRuns: RunKernel<[scales: number, limit: number, output: number]>;
  quantizeColumns: ColumnKernel<[scales: number, limit: number, output: number]>;
  dequantizeRuns: RunKernel<[scales: number, zeroPoints: number, signed: number, output: number]>;
  dequantizeColumns: ColumnKernel<[scales: number, zeroPoints: number, signed: number, output: number]>;
  halve(input: number, count: number, output: number): number;
  widenFloat16(input: number, count: number, output: number): void;
  widenBfloat16(input: number, count: number, output: number): void;
  narrowBfloat16(input: number, count: number, output: number): number;
  noise(original: number, changed: number, count: number, result: number): void;
}

/** Over [outer, channels, inner], starting `offset` elements into the run of `channel`. */
type RunKernel<Rest extends number[]> = (
  input: number,
  count: number,
  channels: number,
  inner: number,
  channel: number,
  offset: number,
  ...rest: Rest
) => void;

/** The same where inner is 1. */
type ColumnKernel<Rest extends number[]> = (
  input: number,
  count: number,
  channels: number,
  channel: number,
  ...rest: Rest
) => void;

const NAMES = [
  'statistics',
  'histogram',
  'countNonFinite',
  'channelEnergy',
  'channelPeak',
  'columnEnergy',
  'columnPeak',
  'quantizeRuns',
  'quantizeColumns',
  'dequantizeRuns',
  'dequantizeColumns',
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
