/**
 * Host with engine, over vscode-jsonrpc on the child process's IPC channel. One interface types every request, its
 * result and the progress it streams. The host checks `hello` first: both sides must be of one build.
 */
import type { LayerStatistics } from '../core/analysis/statistics.schema';
import type { Measurement } from '../core/evaluation/measurement.schema';
import type { Progress } from '../core/progress';
import type { DataSection, Recipe, WrittenRecipe } from '../core/recipe/recipe.schema';
import type { CheckDataRequest, DataCheck } from '../core/recipe/check-data';
import type { FoundPreprocessing } from '../core/recipe/found-preprocessing';
import type { RecipeProblem } from '../core/recipe/problems';
import type { DataPreview } from '../core/recipe/preview/preview.schema';
import type { CompressOutcome, CompressRequest, EvaluateRequest } from '../core/recipe/request';
import type { TrainingNews } from './engine-training';

/** Raised with any change of the interface below. */
export const ENGINE_PROTOCOL = 4;

export interface EngineRequests {
  hello: Call<{ protocol: number; version: string }, { protocol: number; version: string; pid: number }, never>;
  /** Statistics of every layer's main weight, streamed in batches; those named in `first` come first. */
  statistics: Call<{ model: string; first: string[] }, { layers: number }, LayerStatistics[]>;
  compress: Call<CompressRequest, CompressOutcome, Progress>;
  evaluate: Call<EvaluateRequest, Measurement, Progress>;
  /** Carries out a recipe that trains. The three below steer it, in the same process. */
  train: Call<TrainRequest, CompressOutcome, TrainingNews>;
  pauseTraining: Call<object, Steered, never>;
  resumeTraining: Call<object, Steered, never>;
  /** Ends training after the step that runs, and goes on with the best weights so far. */
  stopTraining: Call<object, Steered, never>;
  /** Opens the data for the model and looks at a few samples: what a user should know before compressing. */
  checkData: Call<CheckDataRequest, DataCheck, Progress>;
  /** A few samples as the model takes them, with its answers. */
  previewData: Call<CheckDataRequest, DataPreview, Progress>;
  /** The common ways to prepare pictures, tried on a few samples, the best first. */
  findPreprocessing: Call<CheckDataRequest, FoundPreprocessing, Progress>;
  /** Everything that is wrong with the text of a recipe, each with its place. */
  checkRecipe: Call<{ text: string }, { problems: RecipeProblem[] }, never>;
  /** A recipe as a file's text, every default written out, under comments. */
  recipeText: Call<{ recipe: WrittenRecipe; heading: string }, { text: string }, never>;
  /** The recipe's text with another data section, its comments kept. */
  writeData: Call<{ text: string; data: DataSection }, { text: string }, never>;
  /** Parses a recipe file, or the recipe that a report carries. */
  readRecipe: Call<{ file: string }, { recipe: Recipe; base: string }, never>;
  /** The command line that does the same, to run in the model's folder; with `recipeFile` it names that file. */
  commandLine: Call<
    { model: string; recipe: Recipe; base: string; recipeFile?: string },
    { command: string | null },
    never
  >;
  /** Writes a report as one self-contained HTML file, over `output` where it exists: the user chose it. */
  exportReport: Call<{ report: string; output: string }, { output: string }, never>;
}

/** A recipe that trains, and where its steps are computed. */
export interface TrainRequest extends CompressRequest {
  /** As ONNX Runtime names it; default: the processor. */
  provider?: string;
}

/** False where no training runs in that process. */
export interface Steered {
  training: boolean;
}

export interface Call<Params, Result, Streamed> {
  params: Params;
  result: Result;
  progress: Streamed;
}

export type EngineMethod = keyof EngineRequests;

export type { Measurement } from '../core/evaluation/measurement.schema';
export type { CompressOutcome, CompressRequest, EvaluateRequest } from '../core/recipe/request';

export type { CheckDataRequest, DataCheck } from '../core/recipe/check-data';

export type { FoundPreprocessing, TriedPreprocessing } from '../core/recipe/found-preprocessing';
export type { RecipeProblem } from '../core/recipe/problems';

/** What an error is on the wire: JSON-RPC error data. */
export interface WireError {
  kind: string;
  file?: string;
}
