import type { Attribute } from '../../../../src/core/model/model';
import type { TrainingMode } from '../../../../src/core/training/gradients/rule';
import type { Array64 } from '../reference/array';

/** One operator in one setting, whose gradient is compared with what central differences say. */
export interface GradientCase {
  /** Said after the operator's name: "with broadcasting". */
  readonly title: string;
  readonly opType: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly inputs: readonly (CaseInput | null)[];
  /** The operator in float64. */
  readonly reference: (inputs: readonly Array64[]) => readonly Array64[];
  /** How the node trains; default: normalization by the batch, no dropout. */
  readonly mode?: Partial<TrainingMode>;
  /** What is drawn at random, where the node asks for it. */
  readonly random?: readonly number[];
  /** Operator sets in which it is checked; default: 13, 17, 18 and 21. */
  readonly opsets?: readonly number[];
}

export interface CaseInput {
  readonly shape: readonly number[];
  /** Values are drawn evenly from here. Default: -1 to 1. */
  readonly from?: number;
  readonly to?: number;
  /** These values instead. */
  readonly values?: readonly number[];
  /** int64: indices, axes, shapes. Has no gradient. */
  readonly integers?: boolean;
  /** bool: conditions. Has no gradient. */
  readonly booleans?: boolean;
  /** An initializer, as the exporter writes it, instead of a value that is computed. Has no gradient. */
  readonly constant?: boolean;
  /** Drawn values keep this distance from these points, where the function has a corner. */
  readonly corners?: readonly number[];
}
