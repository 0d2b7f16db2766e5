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

export interface RecipeFlags extends DataFlags {
  to?: string;
  keep?: string[];
  granularity?: string;
  samples?: string;
  reduceRange?: string;
  maxDrop?: string;
}

/** Data flags that describe one input. */
export const INPUT_FLAGS = ['input', 'layout', 'size', 'channels', 'scale', 'mean', 'deviation'] as const;
