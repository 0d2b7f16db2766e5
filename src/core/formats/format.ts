import type { DenseTensor, EncodedTensor } from '../compression/encodings/encoded-tensor';
import type { Encoding } from '../model/encoding';
import type { FormatId, Model } from '../model/model';
import type { JobContext } from '../progress';

/** One file format: what the rest of the house knows of it. A new format is one folder and one line in `formats/index.ts`. */
export interface Format {
  readonly id: FormatId;
  /** "ONNX" */
  readonly title: string;
  /** With the dot, lower case: ".onnx". */
  readonly extensions: readonly string[];
  /** Reads structure; weight bytes stay on disk. @throws EdgewiseError with the file's name and what to do. */
  read(path: string): Promise<Model>;
  /** What it can store weights as, and how. */
  readonly encodings: EncodingStore;
  /**
   * A model that computes in float16, for GPUs; left out where the format's place has no such arithmetic. `halves`: float16
   * values of weights, by name. `ends`: what it takes and gives where that was float32.
   */
  readonly computeInHalf?: (
    model: Model,
    halves: ReadonlyMap<string, DenseTensor>,
    options: { readonly ends: 'float32' | 'float16' },
  ) => Model;
  /**
   * Bytes of the model as one file with everything inside, without writing it.
   * @throws EdgewiseError `unsupported` for what can only be copied from the file that it was read from
   */
  encodedBytes(model: Model): number;
  /**
   * Writes a new file: temporary name beside it, sync, rename. Unchanged weights are copied by range.
   * @throws EdgewiseError `exists` unless `overwrite`, `no-space` before anything is written.
   */
  write(model: Model, path: string, options: WriteOptions): Promise<WrittenFiles>;
}

export interface WriteOptions {
  context: JobContext;
  overwrite?: boolean;
  /** Where the file will be moved, when it is made in another folder: files beside it get names that are free there. */
  publishedAs?: string;
}

export interface WrittenFiles {
  /** The model file first, then the files beside it. */
  readonly paths: readonly string[];
  /** Of all of them. */
  readonly bytes: number;
}

/**
 * `native`: the format's own operators, which other runtimes know and may unpack at each run; `unpacking`: standard
 * operators that a runtime computes once, when it loads the model; `smallest`: per weight, what takes fewer bytes;
 * `computed`: the same, of what is computed when the model is loaded, so that layers compute as with those floats.
 */
export type StorageForm = 'native' | 'unpacking' | 'smallest' | 'computed';

export interface EncodingStore {
  /** Null when it can be stored, otherwise the sentence that says why not and what is nearest. */
  refusal(encoding: Encoding, model: Model, form?: StorageForm): string | null;
  /** A model in which each named weight is stored as given, `smallest` by default. Everything else is as it was. */
  store(model: Model, tensors: ReadonlyMap<string, EncodedTensor>, form?: StorageForm): Model;
  /**
   * Bytes that a weight alone takes in the file, names and headers included. What weights share (shapes, functions; below
   * 1 KB for each kind of encoding) is on top, once.
   */
  bytes(model: Model, name: string, tensor: EncodedTensor, form?: StorageForm): number;
}
