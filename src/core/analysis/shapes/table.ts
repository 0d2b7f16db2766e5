import { ATTENTION, MICROSOFT_ATTENTION } from './attention';
import { CONTROL_FLOW } from './control-flow';
import { CONVOLUTION } from './convolution';
import { ELEMENTWISE } from './elementwise';
import { INDEXING } from './indexing';
import { MATRIX_PRODUCT } from './matrix-product';
import { NORMALIZATION } from './normalization';
import type { ShapeRule } from './operator-call';
import { POOLING } from './pooling';
import { QUANTIZED } from './quantized';
import { RECURRENT } from './recurrent';
import { REDUCTION } from './reduction';
import { RESHAPING } from './reshaping';
import { RESIZING } from './resizing';
import { SHAPE_SOURCE } from './shape-source';

/** Every operator that shapes are known of: one family a file, one line here. */
const FAMILIES: readonly Readonly<Record<string, ShapeRule>>[] = [
  ATTENTION,
  CONTROL_FLOW,
  CONVOLUTION,
  ELEMENTWISE,
  INDEXING,
  MATRIX_PRODUCT,
  NORMALIZATION,
  POOLING,
  QUANTIZED,
  RECURRENT,
  REDUCTION,
  RESHAPING,
  RESIZING,
  SHAPE_SOURCE,
];

const RULES = new Map(FAMILIES.flatMap((family) => Object.entries(family)));

/** Operators that mean something else in ONNX Runtime's own domain. */
const MICROSOFT_RULES = new Map(Object.entries(MICROSOFT_ATTENTION));

const MICROSOFT_DOMAINS: ReadonlySet<string> = new Set(['com.microsoft', 'com.microsoft.nchwc']);

/** The rule of an operator; undefined where it is not known. */
export function shapeRule(domain: string, opType: string): ShapeRule | undefined {
  if (domain === '' || domain === 'ai.onnx') return RULES.get(opType);
  return MICROSOFT_DOMAINS.has(domain) ? (MICROSOFT_RULES.get(opType) ?? RULES.get(opType)) : undefined;
}
