import type { DataSet } from '../../evaluation/data';
import type { Measurement } from '../../evaluation/measurement.schema';
import type { Model } from '../../model/model';
import type { JobContext } from '../../progress';
import type { QuantizeStep, RepairName } from '../../recipe/recipe.schema';
import type { EncodedTensor } from '../encodings/encoded-tensor';
import type { WeightPlan } from '../encodings/scheme';

/** What a search needs of those who carry out steps: it decides, and measures what they make. */
export interface StepBuilder {
  /** How a step would encode each weight; weights that it leaves as they are do not occur. */
  plan(step: QuantizeStep): WeightPlan | Promise<WeightPlan>;
  /** The model with these weights stored encoded, in the form that the step asks for. */
  stored(tensors: ReadonlyMap<string, EncodedTensor>): Model;
  /** Bytes that a weight takes in the file when it is stored so, names and headers included. */
  bytes(name: string, tensor: EncodedTensor): number;
  /**
   * What a step makes of the model, with all that its file would hold, and the bytes of that file.
   * @param use reads the weights, which are no longer there afterwards
   */
  build<Found>(step: QuantizeStep, use: (made: Model, bytes: number) => Promise<Found>): Promise<Found>;
}

export interface SearchTarget {
  /** Points that the metric may drop; for errors, percent that it may rise. */
  readonly maxDrop?: number;
  /** Bytes that the file may have at most. */
  readonly maxSize?: number;
}

export interface SearchRequest {
  readonly model: Model;
  /** What sentences call the model. */
  readonly file: string;
  /** Of the original. */
  readonly bytes: number;
  /** What is not for the search to choose: layers to keep, overrides, activations, storage, repair. */
  readonly step: QuantizeStep;
  /** At least one of both. */
  readonly target: SearchTarget;
  /** What is chosen on: never the test set. */
  readonly selection: DataSet;
  /** Inputs that nothing is chosen on: they tell whether the original is surer of the selection than of others. */
  readonly unseen?: DataSet;
  /** Passes that may win accuracy back, which the builder can carry out. */
  readonly repairs?: readonly RepairName[];
  readonly builder: StepBuilder;
  readonly job: JobContext;
  /** Bytes of a model beyond which it is run from a temporary file. Default: what `openSessionOf` says. */
  readonly mostInMemory?: number;
  /** A file that keeps what was measured, so that a search that was ended goes on; removed when the search is done. */
  readonly state?: SearchStateFile;
}

export interface SearchStateFile {
  /** Absolute. */
  readonly path: string;
  /** Model, data and whatever else the measurements depend on: another purpose's file counts as none. */
  readonly purpose: string;
}

/** One attempt: a whole model, measured on the selection samples. */
export interface FrontPoint {
  /** What tells it from the others: "int8 per channel", "6 layers 3-bit palette, 1 layer int8 per channel". */
  readonly name: string;
  readonly bytes: number;
  /** Of `metric`: 0..1 for shares, errors as they are. */
  readonly value: number;
  readonly metric: Measurement['metric'];
  /** True for the one that became the result. */
  readonly chosen: boolean;
}

export interface SearchResult {
  /** The step that makes the result; null where nothing makes the model smaller. */
  readonly step: QuantizeStep | null;
  /** The original on the same samples. */
  readonly original: Pick<FrontPoint, 'bytes' | 'value' | 'metric'>;
  /** Everything that was tried as a whole model, from the smallest file to the largest. */
  readonly front: readonly FrontPoint[];
  /** Whether the result meets the target on the selection samples. */
  readonly reached: boolean;
  /** Where the target was not met: how close the search came, and with what. */
  readonly closest: string | null;
  /** What was done, for the report: on how many samples, by which metric. */
  readonly notes: readonly string[];
}
