import type { Report } from '../evaluation/report.schema';
import type { DataSection, Recipe } from './recipe.schema';

/** What to compress, and how. */
export interface CompressRequest {
  /** Absolute path. */
  model: string;
  recipe: Recipe;
  /** The folder that paths in the recipe are relative to. */
  base: string;
  /** Absolute path; default: beside the model, numbered when it exists. */
  output?: string;
  overwrite?: boolean;
  /** Keep the file although a target was missed. */
  force?: boolean;
  /** Absolute path of the file that the recipe was read from, unchanged: the report's command names it. */
  recipeFile?: string;
}

export interface CompressOutcome {
  report: Report;
  /** Absolute paths; null when a target was missed and nothing was kept. */
  outputPath: string | null;
  reportPath: string | null;
  /** Which target was missed, and by how much, in a sentence without its full stop; null when none was. */
  missed: string | null;
}

export interface EvaluateRequest {
  /** Absolute path. */
  model: string;
  data: DataSection;
  /** The folder that the data's paths are relative to. */
  base: string;
  /** Absolute paths of metric modules. They run code: the command line alone sets them. */
  metrics?: readonly string[];
}
