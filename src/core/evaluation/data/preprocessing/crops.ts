import type { Picture } from '../data-set';
import type { Candidate } from './candidate';

/** Of the sizes that pictures are resized to and cut out of: 256 and 224, as networks for ImageNet are tested. */
const RESIZED_SHARE = 256 / 224;
/** Pictures whose shape is further from the model's than this look different when they are stretched. */
const ALIKE = 1.02;

/** A candidate with the other usual crops; none where the picture is of the model's shape and size already. */
export function croppedSchemes(candidate: Candidate, shape: readonly number[], picture: Picture): Candidate[] {
  const [first = 0, second = 0, third = 0] = shape;
  const [height, width] = first === 1 || first === 3 ? [second, third] : [first, second];
  const ratio = picture.width / picture.height / (width / height);
  const sameShape = Math.max(ratio, 1 / ratio) < ALIKE;
  if (sameShape && picture.width === width) return [];
  const shorterSide = Math.round(Math.min(height, width) * RESIZED_SHARE);
  const { title, input } = candidate.scheme;
  const inner = { title: `${title}, the middle of each`, input: { ...input, crop: 'center' as const, shorterSide } };
  const boxed = { title: `${title}, letterbox`, input: { ...input, crop: 'letterbox' as const } };
  return [inner, ...(sameShape ? [] : [boxed])].map((scheme) => ({ ...candidate, scheme }));
}
