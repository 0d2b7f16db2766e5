/** The flags of the command line that make up a recipe, as texts and numbers already checked for their form. */
export interface DataFlags {
  data?: string;
  train?: string;
  calibration?: string;
  test?: string;
  input?: string;
  layout?: string;
  size?: string;
  crop?: string;
  shorterSide?: string;
  pad?: string;
  channels?: string;
  scale?: string;
  mean?: string;
  deviation?: string;
  /** Names of columns. */
  column?: string[];
  tokenizer?: string;
  maxLength?: string;
  sampleRate?: string;
  mels?: string;
  window?: string;
  hop?: string;
  /** "sr=16000" */
  constant?: string[];
  classes?: string;
  labelOffset?: string;
  alphabet?: string;
  seed?: string;
}

/** Flags that make one step. */
export interface StepFlags {
  to?: string;
  weights?: string;
  encoding?: string;
  granularity?: string;
  block?: string;
  group?: string;
  scales?: string;
  asymmetric?: boolean;
  symmetric?: boolean;
  sparsity?: string;
  activations?: string;
  ranges?: string;
  store?: string;
  compute?: string;
  ends?: string;
  /** Names, also several in one text, separated by commas. */
  repair?: string[];
  keep?: string[];
  samples?: string;
  reduceRange?: string;
  /** Options of one layer each: "weights=int4,block=32:conv1". */
  layer?: string[];
}

export interface RecipeFlags extends DataFlags, StepFlags {
  maxDrop?: string;
  maxSize?: string;
  target?: string;
  shortNames?: boolean;
}
