/** What the module exports. Addresses are byte offsets into its memory; counts are elements unless they say bytes. */
export { countNonFinite } from './finite';
export { statistics, histogram } from './statistics';
export { rangeOf, countBins, takeBins } from './bins';
export { channelEnergy, columnEnergy } from './channels';
export { startWalk } from './walk';
export { extremes, peaks } from './extremes';
export { largest } from './largest';
export { quantize, quantizationLoss } from './quantize';
export { dequantize } from './dequantize';
export { pack, unpack } from './pack';
export { assign, assignFrom, lookUp } from './palette';
export { tally, gather, distinct } from './tally';
export { tallyMagnitudes, tallyWithin, prune, maskBits, compact, expand } from './sparse';
export { halve, widenFloat16, widenBfloat16, narrowBfloat16 } from './float16';
export { noise } from './noise';
