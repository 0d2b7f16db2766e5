import type { DataUsed } from '../report.schema';
import type { DataSet } from './data-set';

/** The sets that one job works with. Nothing is chosen on `test`. */
export interface Roles {
  /** For activation ranges: at most `calibrationSamples`. */
  readonly calibration: DataSet | null;
  /** For choosing (bits, thresholds, checkpoints). */
  readonly selection: DataSet | null;
  /** For the figures that are reported. */
  readonly test: DataSet | null;
  /** How each set was chosen: "Split of digits.npz, seed 1: 512 calibration, 1,898 selection, 7,590 test." */
  readonly splits: readonly string[];
  /** What was done to the values, where the recipe leaves it to us: "Bytes of input image are divided by 255." */
  readonly notes: readonly string[];
  /** For the report. */
  readonly used: readonly DataUsed[];
  close(): Promise<void>;
}

export interface RolesOptions {
  /** Default 512. */
  readonly calibrationSamples?: number;
  /** `data.all` is the test set, whole: for evaluating, where nothing is calibrated or chosen. */
  readonly whole?: boolean;
  /** There is training: `selection` is what is learned from, and `divideForTraining` takes a part of it for choosing. */
  readonly training?: boolean;
  /** What sentences call the model: its file. Default "the model". */
  readonly model?: string;
  /** The model's own metadata, which may say how its pictures are prepared; what the recipe says comes first. */
  readonly metadata?: ReadonlyMap<string, string>;
}
