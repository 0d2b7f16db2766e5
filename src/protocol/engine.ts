/**
 * Host with engine, over vscode-jsonrpc on the child process's IPC channel. One interface types every request, its
 * result and the progress it streams. The host checks `hello` first: both sides must be of one build.
 */
import type { LayerStatistics } from '../core/analysis/statistics.schema';
import type { Measurement } from '../core/evaluation/measurement.schema';
import type { Progress } from '../core/progress';
import type { DataSection } from '../core/recipe/recipe.schema';
import type { CompressOutcome, CompressRequest, EvaluateRequest } from '../core/recipe/request';

/** Raised with any change of the interface below. */
export const ENGINE_PROTOCOL = 1;

export interface EngineRequests {
  hello: Call<{ protocol: number; version: string }, { protocol: number; version: string; pid: number }, never>;
  /** Statistics of every layer's main weight, streamed in batches; those named in `first` come first. */
  statistics: Call<{ model: string; first: string[] }, { layers: number }, LayerStatistics[]>;
  compress: Call<CompressRequest, CompressOutcome, Progress>;
  evaluate: Call<EvaluateRequest, Measurement, Progress>;
  /** Opens the data for the model and looks at a few samples: what a user should know before compressing. */
  checkData: Call<CheckDataRequest, DataCheck, Progress>;
}

export interface Call<Params, Result, Streamed> {
  params: Params;
  result: Result;
  progress: Streamed;
}

export type EngineMethod = keyof EngineRequests;

export type { CompressOutcome, CompressRequest, EvaluateRequest } from '../core/recipe/request';

export interface CheckDataRequest {
  model: string;
  data: DataSection;
  base: string;
}

export interface DataCheck {
  samples: { calibration: number; test: number };
  labelled: boolean;
  /** Accuracy on a few samples, 0..1; null without labels. */
  accuracy: number | null;
  /** How the roles were chosen: "split of digits.npz, seed 1: 512 calibration, 1,898 selection, 7,590 test". */
  split: string;
  warnings: string[];
}

/** What an error is on the wire: JSON-RPC error data. */
export interface WireError {
  kind: string;
  file?: string;
}
