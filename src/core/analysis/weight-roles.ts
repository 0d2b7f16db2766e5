import type { Node } from '../model/model';
import type { WeightSummary } from './summary.schema';

export type WeightRole = WeightSummary['role'];

/** Where an operator takes a weight, and what it is to it. */
export interface WeightSlot {
  readonly input: number;
  readonly role: WeightRole;
  /** Axis of the layer's outputs in the shape that the layer sees; null where there is none. */
  readonly outputAxis?: (node: Node, rank: number) => number | null;
  /** Inputs that hold scale and zero point, for operators that unpack integer codes themselves. */
  readonly scale?: number;
  readonly zeroPoint?: number;
}

const first = (): number => 0;
const second = (): number => 1;
const last = (_node: Node, rank: number): number => rank - 1;

function gemmAxis(node: Node): number {
  const transposed = node.attributes.get('transB');
  return transposed?.kind === 'int' && transposed.value !== 0 ? 0 : 1;
}

const weight = (input: number, outputAxis?: WeightSlot['outputAxis']): WeightSlot => ({
  input,
  role: 'weight',
  ...(outputAxis === undefined ? {} : { outputAxis }),
});
const bias = (input: number): WeightSlot => ({ input, role: 'bias' });
const statistics = (input: number): WeightSlot => ({ input, role: 'statistics' });
const encoded = (slot: WeightSlot, scale: number | undefined, zeroPoint: number): WeightSlot => ({
  ...slot,
  ...(scale === undefined ? {} : { scale }),
  zeroPoint,
});

const CONVOLUTION = [weight(1, first), bias(2)];
const MATRIX = [weight(1, last), weight(0, (_node, rank) => Math.max(0, rank - 2))];
const SCALE_AND_BIAS = [weight(1), bias(2)];
const RECURRENT = [weight(1), weight(2), bias(3)];

/** Weights by operator. An operator that is not here may still hold some: see `weightSlots`. */
const SLOTS: ReadonlyMap<string, readonly WeightSlot[]> = new Map<string, readonly WeightSlot[]>([
  ['Conv', CONVOLUTION],
  ['FusedConv', CONVOLUTION],
  ['ConvTranspose', [weight(1, second), bias(2)]],
  ['Gemm', [weight(1, gemmAxis), bias(2), weight(0)]],
  ['FusedGemm', [weight(1, gemmAxis), bias(2), weight(0)]],
  ['MatMul', MATRIX],
  ['FusedMatMul', MATRIX],
  ['LSTM', RECURRENT],
  ['GRU', RECURRENT],
  ['RNN', RECURRENT],
  ['BatchNormalization', [weight(1), bias(2), statistics(3), statistics(4)]],
  ['InstanceNormalization', SCALE_AND_BIAS],
  ['GroupNormalization', SCALE_AND_BIAS],
  ['LayerNormalization', SCALE_AND_BIAS],
  ['SimplifiedLayerNormalization', [weight(1)]],
  ['RMSNormalization', [weight(1)]],
  ['SkipLayerNormalization', [weight(2), bias(3), bias(4)]],
  ['SkipSimplifiedLayerNormalization', [weight(2), bias(3)]],
  ['Attention', [weight(1, last), bias(2)]],
  ['Gather', [weight(0)]],
  ['PRelu', [weight(1)]],
  ['QLinearConv', [encoded(weight(3, first), 4, 5), bias(8)]],
  ['QLinearMatMul', [encoded(weight(3, last), 4, 5)]],
  ['QGemm', [encoded(weight(3, gemmAxis), 4, 5), bias(6)]],
  ['ConvInteger', [encoded(weight(1, first), undefined, 3)]],
  ['MatMulInteger', [encoded(weight(1, last), undefined, 3)]],
  ['DynamicQuantizeMatMul', [encoded(weight(1, last), 2, 3), bias(4)]],
  ['MatMulIntegerToFloat', [encoded(weight(1, last), 3, 5), bias(6)]],
  ['MatMulNBits', [encoded(weight(1, last), 2, 3), bias(5)]],
  ['GatherBlockQuantized', [encoded(weight(0), 2, 3)]],
]);

/** Operators whose constant inputs steer what they do; none is a weight. */
const WITHOUT_WEIGHTS: ReadonlySet<string> = new Set([
  'Clip',
  'ConstantOfShape',
  'DequantizeLinear',
  'Dropout',
  'DynamicQuantizeLinear',
  'Expand',
  'NonMaxSuppression',
  'OneHot',
  'Pad',
  'Pow',
  'QuantizeLinear',
  'Range',
  'Reshape',
  'Resize',
  'Tile',
  'TopK',
  'Upsample',
]);

/** The slots of a node: those of its operator, or every input where the operator is not in the table. */
export function weightSlots(node: Node): readonly WeightSlot[] {
  const known = SLOTS.get(node.opType);
  if (known !== undefined) return known;
  if (WITHOUT_WEIGHTS.has(node.opType)) return [];
  return node.inputs.map((_, input) => ({ input, role: 'other' }));
}

/** True for operators whose purpose is their weights. */
export function isWeighted(opType: string): boolean {
  return SLOTS.has(opType);
}
