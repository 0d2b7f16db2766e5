import type { DataSet } from '../../evaluation/data';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { RepairName } from '../../recipe/recipe.schema';
import type { WeightPlan } from '../encodings/scheme';
import type { ValueStatistics } from './statistics/channel-statistics';

/** What a repair pass gets beside the model and the plan. */
export interface RepairContext {
  readonly job: JobContext;
  /** Inputs to calibrate with; their labels are never looked at. Null where there are none. */
  readonly calibration: DataSet | null;
  /** Calibration samples to use, at most. */
  readonly samples: number;
  /** True where activations get codes too, not only weights. */
  readonly quantizesActivations: boolean;
  /** Gets a sentence about what a pass could not do. */
  readonly warn: (sentence: string) => void;
  /** The model's file, as the user would name it. */
  readonly file: string;
  /** What is known of values without inputs; `runRepairs` finds it. */
  readonly statistics?: ValueStatistics;
  /** Bytes of a graph beyond which it is run from a temporary file. Default: what `openSessionOf` says. */
  readonly mostInMemory?: number;
}

/** A float model, and how its weights are to be encoded. */
export interface Repaired {
  readonly model: Model;
  readonly plan: WeightPlan;
  /** Where a pass changed what is known of values. */
  readonly statistics?: ValueStatistics;
}

/** A pass that wins accuracy back without training. */
export interface RepairPass {
  readonly name: RepairName;
  /** What it does, as a verb phrase in sentence case: "Equalizing layers". */
  readonly title: string;
  /**
   * What it cannot do without, which the caller is told before anything runs: inputs to calibrate with, or where there
   * are none what batch normalization says of them. Others may still use inputs that are there.
   */
  readonly needs: 'nothing' | 'calibration' | 'calibration or statistics';
  /** True for passes after which a float model computes the same; the others choose how its weights are rounded. */
  readonly keepsFunction: boolean;
  /** The model and plan after it; weights may lie on the grid of their scheme, and biases make up for that. */
  readonly run: (model: Model, plan: WeightPlan, context: RepairContext) => Promise<Repaired>;
}

/** Whether there are inputs to calibrate with. */
export function hasSamples({ calibration }: RepairContext): boolean {
  return calibration !== null && calibration.length > 0;
}
