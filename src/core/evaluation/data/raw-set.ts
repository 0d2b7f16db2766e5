import type { InputSection } from '../../recipe/recipe.schema';
import type { TensorData, TensorDType } from '../../runtime/tensor';
import type { LabelledBox, Picture } from './data-set';

/** What a source holds for the inputs of a model, before preprocessing. */
export interface RawSet {
  /** By the name of the model's input. */
  readonly arrays: ReadonlyMap<string, RawArray>;
  /** Null where the source has none. */
  readonly labels: Int32Array | null;
  /** Why there are no labels, in a sentence: for who wants to measure accuracy. Null where there are some. */
  readonly unlabelled: string | null;
  readonly classNames: readonly string[] | null;
  /** By output: what it should be. Left out where the source has none. */
  readonly targets?: ReadonlyMap<string, RawArray>;
  /** The text of each sample, where labels are texts. */
  readonly texts?: readonly string[];
  /** Characters that the model writes, after its blank. */
  readonly alphabet?: readonly string[];
  /** What is to be found on each picture. */
  readonly boxes?: readonly (readonly LabelledBox[])[];
  /** What the user should know: sentences. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** An array of samples, read by positions. */
export interface RawArray {
  /** What errors call it: "array image of test.npz". */
  readonly title: string;
  readonly length: number;
  readonly dtype: TensorDType;
  /** Of one sample. */
  readonly shape: readonly number[];
  /** Where the shape is a picture's: which axis holds what. */
  readonly order: PictureOrder | null;
  /** True when size and channels are already what recipe and model ask for. */
  readonly converted: boolean;
  /** Values of these samples, one after the other. */
  read(positions: readonly number[]): Promise<TensorData>;
  /** The sample for showing; null where it is not a picture. */
  picture(position: number): Promise<Picture | null>;
}

/** Axes of a picture: height, width, channels. */
export type PictureOrder = 'HW' | 'HWC' | 'CHW';

/** An input of the model that wants values. */
export interface InputTarget {
  readonly name: string;
  readonly dtype: TensorDType;
  /** Of one sample, without the batch; null where a dimension is free. Null: even the rank is free. */
  readonly shape: readonly (number | null)[] | null;
  /** What the recipe declares for it. */
  readonly section: InputSection | null;
  /** What the model's metadata say of its pictures; left out where they say nothing. */
  readonly stated?: InputSection;
}

/** What a source is opened with. */
export interface SourceRequest {
  /** Absolute. */
  readonly path: string;
  /** As the user named it: for every sentence. */
  readonly name: string;
  /** Absolute path of the labels' file, where the user names one. */
  readonly labelsPath: string | null;
  /** The column of labels of a table, where the user names one. */
  readonly labelColumn: string | null;
  /** Characters that the model writes, where labels are texts and no classes. */
  readonly alphabet: readonly string[] | null;
  /** A path that the recipe names, absolute. */
  resolve(path: string): string;
  readonly targets: readonly InputTarget[];
  readonly classNames: readonly string[] | null;
  /** Class names that the model's metadata list; null where they do not. They order classes that are all among them. */
  readonly statedClasses: readonly string[] | null;
}

/** One kind of source: what the house knows of it. A new kind is one file and one line in `sources.ts`. */
export interface SourceKind {
  /** "a .npz file" */
  readonly title: string;
  /**
   * @param head the first `HEAD_BYTES` of a file, unpacked where it is gzip; null for a folder
   * @param name the file's, for formats without a signature
   */
  recognizes(head: Uint8Array | null, name: string): boolean;
  /** @throws EdgewiseError `bad-data` naming the file and what is wrong with it. */
  open(request: SourceRequest): Promise<RawSet>;
}

/** Bytes of a file's beginning that tell its kind. */
export const HEAD_BYTES = 16;
