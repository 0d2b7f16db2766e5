import type { Tensor, TensorDType } from '../../runtime/tensor';

/** Samples for a model's inputs: preprocessed as the recipe declares, made batch by batch, never held whole. Its files are closed by `Roles.close`. */
export interface DataSet {
  /** As the user named it: "data/test.npz"; "random" for generated values. */
  readonly source: string;
  /** Samples. */
  readonly length: number;
  /** Where a sample of a part is in the source; left out where positions are the source's. */
  readonly placeOf?: (index: number) => number;
  /** One entry an input of the model that the set feeds. */
  readonly inputs: Readonly<Record<string, DataInput>>;
  /** The class of each sample, or null where the source has none. */
  readonly labels: Int32Array | null;
  /** In the order of the model's outputs. */
  readonly classNames: readonly string[] | null;
  /** What outputs should be, where the source says; left out where it does not. */
  readonly targets?: DataTargets;
  /** The text of each sample, where labels are texts and not classes. */
  readonly texts?: readonly string[];
  /** Characters that the model writes, after its blank; with `texts`. */
  readonly alphabet?: readonly string[];
  /** What is to be found on each picture, for detection. */
  readonly boxes?: readonly (readonly LabelledBox[])[];
  /**
   * The samples at these positions, in this order, as the model takes them: `[indices.length, ...shape]` an input.
   * @throws EdgewiseError `bad-data` naming the file that cannot be read or holds NaN.
   */
  batch(indices: readonly number[]): Promise<Batch>;
  /** The sample as it was before preprocessing, for showing; null where it is not a picture. */
  picture(index: number): Promise<Picture | null>;
}

/** What a set gives for one input. */
export interface DataInput {
  readonly dtype: TensorDType;
  /** Of one sample: the batch dimension is not in it. */
  readonly shape: readonly number[];
  /** Where its samples are pictures. */
  readonly picture?: PictureAxes;
}

/** How a picture lies in a sample of an input. */
export interface PictureAxes {
  /** The axis that holds channels, 0 or 2; null for samples `[height, width]`. */
  readonly channelAxis: 0 | 2 | null;
  /** What a pixel of 0, black, becomes by preprocessing: one figure a channel. What comes into a picture from outside is that. */
  readonly black: readonly number[];
}

/** Values that the model's outputs should have: the arrays `target_<output>` of a source. */
export interface DataTargets {
  /** Outputs with a target. */
  readonly names: readonly string[];
  /** Of one sample; undefined for outputs without a target. */
  shapeOf(output: string): readonly number[] | undefined;
  /** `[indices.length, ...shape]` an output. */
  read(indices: readonly number[]): Promise<Readonly<Record<string, Tensor>>>;
}

/** An object on a picture: corners as shares of width and height, 0 to 1. */
export interface LabelledBox {
  readonly label: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** A crowd of them: finding it is neither right nor wrong. */
  readonly crowd: boolean;
}

export interface Batch {
  readonly inputs: Record<string, Tensor>;
}

/** Pixels, row by row, channels interleaved. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 RGB. */
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}
