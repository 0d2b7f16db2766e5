import type { DataSet } from '../../evaluation/data';
import { EdgewiseError } from '../../errors';
import { elementsOf } from '../../model/model';
import type { Tensor } from '../../runtime/tensor';

/**
 * Looks at all labels of a set before the first step.
 * @param classes that the model has
 * @throws EdgewiseError `bad-data` naming the sample, by its place in the source
 */
export function checkClasses({ labels, source, placeOf }: DataSet, classes: number): void {
  const wrong = labels?.findIndex((label) => label < 0 || label >= classes) ?? -1;
  if (wrong < 0) return;
  const place = placeOf?.(wrong) ?? wrong;
  throw new EdgewiseError(
    'bad-data',
    `"${source}" gives sample ${place} the label ${labels?.[wrong]}, and the model has ${classes} classes, 0 to ${classes - 1}. Check that these labels are the model's.`,
    { file: source },
  );
}

/** @throws EdgewiseError `bad-data` naming the sample whose target is NaN or infinite, by its place in the source */
export function checkTarget(
  { source, placeOf }: DataSet,
  name: string,
  { data, shape }: Tensor,
  positions: readonly number[],
): void {
  if (!(data instanceof Float32Array)) return;
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  const index = positions[Math.floor(wrong / elementsOf(shape.slice(1)))] ?? 0;
  throw new EdgewiseError(
    'bad-data',
    `"${source}" gives sample ${placeOf?.(index) ?? index} a ${name} of ${data[wrong]}, and nothing is learned from that. Replace the value, or leave the sample out.`,
    { file: source },
  );
}
