/** The flags of the command line that make up a recipe, as texts and numbers already checked for their form. */
export interface DataFlags {
  data?: string;
  train?: string;
  calibration?: string;
  test?: string;
  input?: string;
  layout?: string;
  size?: string;
  channels?: string;
  scale?: string;
  mean?: string;
  deviation?: string;
  classes?: string;
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
  sparsity?: string;
  activations?: string;
  ranges?: string;
  store?: string;
  compute?: string;
  /** Names, also several in one text, separated by commas. */
  repair?: string[];
  keep?: string[];
  samples?: string;
  reduceRange?: string;
}

export interface RecipeFlags extends DataFlags, StepFlags {
  maxDrop?: string;
  maxSize?: string;
  target?: string;
}

/** Data flags that describe one input. */
export const INPUT_FLAGS = ['input', 'layout', 'size', 'channels', 'scale', 'mean', 'deviation'] as const;
