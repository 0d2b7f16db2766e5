import type { InputSection } from '../../../recipe/recipe.schema';

/** A way in which training scripts prepare pictures. */
export interface Scheme {
  /** "values from 0 to 1" */
  readonly title: string;
  readonly input: Pick<InputSection, 'scale' | 'mean' | 'deviation' | 'channels' | 'layout' | 'crop' | 'shorterSide'>;
}

/** One normalization, for pixels whose largest value is 1 / `unit`. */
interface Normalization {
  readonly title: string;
  /** Channels that it is for; left out where it is for any. */
  readonly channels?: 1 | 3;
  input(unit: number): Scheme['input'];
}

// Torchvision's, of ImageNet in RGB; Caffe's and Keras's "caffe" mode, in BGR; PyTorch's examples for MNIST, and the
// usual figures of Fashion-MNIST.
const NORMALIZATIONS: readonly Normalization[] = [
  { title: 'values from 0 to 1', input: (unit) => ({ scale: unit }) },
  { title: 'values from -1 to 1', input: (unit) => ({ scale: 2 * unit, mean: 1 }) },
  { title: 'bytes as they are', input: (unit) => ({ scale: 255 * unit }) },
  { title: 'bytes around 0', input: (unit) => ({ scale: 255 * unit, mean: 128 }) },
  {
    title: "ImageNet's mean and deviation",
    channels: 3,
    input: (unit) => ({ scale: unit, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }),
  },
  {
    title: "Caffe's mean of blue, green and red",
    channels: 3,
    input: (unit) => ({ scale: 255 * unit, mean: [103.939, 116.779, 123.68], channels: 'bgr' }),
  },
  {
    title: "MNIST's mean and deviation",
    channels: 1,
    input: (unit) => ({ scale: unit, mean: 0.1307, deviation: 0.3081 }),
  },
  {
    title: "Fashion-MNIST's mean and deviation",
    channels: 1,
    input: (unit) => ({ scale: unit, mean: 0.286, deviation: 0.353 }),
  },
  { title: 'values from 0 to 1, dark for bright', channels: 1, input: (unit) => ({ scale: -unit, mean: -1 }) },
];

/** What is known of a model's pictures before anything is tried. */
export interface PictureFacts {
  readonly channels: number | null;
  /** Whether the model's input could have its channels first or last. */
  readonly openLayout: boolean;
  /** 1/255 for bytes, 1 for values that are 0 to 1 already. */
  readonly unit: number;
}

/** Every common scheme that such pictures could be prepared by. */
export function schemesFor({ channels, openLayout, unit }: PictureFacts): Scheme[] {
  const fitting = NORMALIZATIONS.filter(
    (one) => one.channels === undefined || channels === null || one.channels === channels,
  );
  const schemes = fitting.flatMap(({ title, input }) => colours({ title, input: input(unit) }, channels));
  return openLayout ? schemes.flatMap(layouts) : schemes;
}

/** The other order of colours too, where there are three. */
function colours(scheme: Scheme, channels: number | null): Scheme[] {
  if (channels === 1 || scheme.input.channels !== undefined) return [scheme];
  return [scheme, { title: `${scheme.title}, blue first`, input: { ...scheme.input, channels: 'bgr' } }];
}

function layouts(scheme: Scheme): Scheme[] {
  return [
    { ...scheme, input: { ...scheme.input, layout: 'NCHW' } },
    { title: `${scheme.title}, channels last`, input: { ...scheme.input, layout: 'NHWC' } },
  ];
}
