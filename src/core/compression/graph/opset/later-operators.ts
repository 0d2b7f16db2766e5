import { OPERATOR_HISTORY, type OperatorHistory } from './operators';
import { attributesToInputs } from './rewrites/attributes-to-inputs';
import { countedSplit, renamedModes, statedCoordinates } from './rewrites/later';
import { inferenceOnly } from './rewrites/training';

/** Of the standard domain from before set 13, and not among those that are raised to it. */
const SEQUENCES = [
  ...['SequenceAt', 'SequenceConstruct', 'SequenceEmpty', 'SequenceErase', 'SequenceInsert', 'SequenceLength'],
  ...['SplitToSequence', 'ConcatFromSequence', 'TfIdfVectorizer', 'StringNormalizer'],
];

/** That came between 14 and 20, and are the same at 21. */
const NEW_OPERATORS = [
  ...['HardSwish', 'Trilu', 'Bernoulli', 'CastLike', 'Optional', 'OptionalGetElement', 'OptionalHasElement'],
  ...['LayerNormalization', 'HannWindow', 'HammingWindow', 'BlackmanWindow', 'MelWeightMatrix', 'STFT', 'SequenceMap'],
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'BitwiseNot', 'CenterCropPad', 'Col2Im', 'Mish', 'DeformConv'],
  ...['AffineGrid', 'Gelu', 'StringConcat', 'StringSplit', 'RegexFullMatch'],
];

/** Until 17 the axes were an attribute. `ReduceSum` had them as an input from 13 on. */
const REDUCTIONS = [
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean', 'ReduceMin', 'ReduceProd'],
  ...['ReduceSumSquare'],
];

const reduction: OperatorHistory = {
  sameFrom: 18,
  rewriteFrom: 1,
  rewrite: attributesToInputs([{ attribute: 'axes', dtype: 'int64' }]),
};

/** Gone from the standard domain. */
const REMOVED: ReadonlySet<string> = new Set(['Upsample', 'Scatter']);

const same = (name: string): [string, OperatorHistory] => [name, { sameFrom: 1 }];

/**
 * Every operator of the standard domain that can be raised from set 13 or later to 21, and how. Sources: the operators'
 * change log in ONNX's documentation. Those not listed are refused by name: `GroupNormalization` and `DFT`, which mean
 * something else at 21.
 */
export const LATER_HISTORY: ReadonlyMap<string, OperatorHistory> = new Map<string, OperatorHistory>([
  ...[...OPERATOR_HISTORY.keys()].filter((name) => !REMOVED.has(name)).map(same),
  ...[...SEQUENCES, ...NEW_OPERATORS].map(same),
  ...REDUCTIONS.map((name): [string, OperatorHistory] => [name, reduction]),
  ['BatchNormalization', { sameFrom: 14, rewriteFrom: 13, rewrite: inferenceOnly }],
  ['GridSample', { sameFrom: 20, rewriteFrom: 16, rewrite: renamedModes }],
  ['RoiAlign', { sameFrom: 16, rewriteFrom: 10, rewrite: statedCoordinates }],
  ['Split', { sameFrom: 18, rewriteFrom: 13, rewrite: countedSplit }],
]);
