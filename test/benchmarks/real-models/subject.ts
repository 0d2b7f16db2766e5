import type { DataSection } from '../../../src/core/recipe/recipe.schema';

/** A trained network of somebody else's, and data that the benchmark makes for it. */
export interface Subject {
  readonly name: string;
  /** The model's file, from the project's folder. */
  readonly model: string;
  /** Where to get it, for who has not. */
  readonly origin: string;
  /** Samples for calibration. */
  readonly calibration: number;
  /** Makes the data in a folder, and says what they are; null where the machine lacks what that takes. */
  prepare(folder: string): Promise<{ readonly data: DataSection; readonly said: string } | null>;
  /** What else is worth comparing: sentences about a compressed model beside the original. */
  readonly compare?: (original: string, compressed: string) => Promise<string>;
}

export const SHARED_MODELS = '../shared/models';
export const FROM_SHARED = 'lies in ../shared/models';
