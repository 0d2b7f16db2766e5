import { badData, counted, shapeText } from './complaint';
import { toDoubles, isFloatTensor } from './conversion';
import type { StoredArray } from './stored-array';

/**
 * Class numbers from an array of them, `[n]` or `[n, 1]`.
 * @param length how many samples there are
 * @param classNames where they are known, no label may be beyond them
 * @throws EdgewiseError `bad-data` saying which label is wrong
 */
export async function readLabels(
  array: StoredArray,
  length: number,
  classNames: readonly string[] | null,
  file: string,
): Promise<Int32Array> {
  const shape = [array.length, ...array.shape];
  if (array.shape.some((dimension) => dimension !== 1)) {
    throw badData(file, `${array.title} has the shape ${shapeText(shape)}. Labels are class numbers, one a sample.`);
  }
  if (isFloatTensor(array.dtype)) {
    throw badData(file, `${array.title} holds ${array.dtype}. Save labels as integers: class numbers from 0.`);
  }
  if (array.length !== length) {
    throw badData(
      file,
      `${array.title} holds ${counted(array.length, 'label')} for ${counted(length, 'sample')}. Save one label for each.`,
    );
  }
  const labels = Int32Array.from(toDoubles(array.dtype, await array.readAll()));
  checkLabels(labels, classNames?.length ?? null, array.title, file);
  return labels;
}

/** @throws EdgewiseError `bad-data` naming the first label that no class has. */
export function checkLabels(labels: Int32Array, classes: number | null, title: string, file: string): void {
  const wrong = labels.findIndex((label) => label < 0 || (classes !== null && label >= classes));
  if (wrong < 0) return;
  const allowed = classes === null ? 'Classes count from 0' : `There are ${classes} classes, 0 to ${classes - 1}`;
  throw badData(
    file,
    `${title} gives sample ${wrong} the label ${labels[wrong]}. ${allowed}. Check that these labels are the model's.`,
  );
}
