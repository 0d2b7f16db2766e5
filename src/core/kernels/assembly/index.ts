/** What the module exports. Addresses are byte offsets into its memory; counts are elements unless they say bytes. */
export { countNonFinite } from './finite';
export { statistics, histogram } from './statistics';
export { channelEnergy, channelPeak, columnEnergy, columnPeak } from './channels';
export { quantizeRuns, quantizeColumns } from './quantize';
export { dequantizeRuns, dequantizeColumns } from './dequantize';
export { halve, widenFloat16, widenBfloat16, narrowBfloat16 } from './float16';
export { noise } from './noise';
