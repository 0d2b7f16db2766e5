import { elementsOf } from '../../model/model';
import { bytesPerElement, zeros, type TensorData } from '../../runtime/tensor';
import { badData, shapeText } from './complaint';
import { toFloat16 } from '../../model/float16';
import { pictureOrder } from './picture';
import type { InputTarget, RawArray, RawSet } from './raw-set';
import { randomNumbers } from './split';

/** Keeps the sequences of neighbouring samples apart (2^32 over the golden ratio). */
const SAMPLE_STEP = 0x9e3779b9;

/**
 * Values without meaning, the same for the same seed: floats uniform in 0 to 1, integers 0 or 1. They prove speed only.
 * @throws EdgewiseError `bad-data` for inputs whose shape is not known
 */
export function randomSet(count: number, targets: readonly InputTarget[], seed: number): RawSet {
  const arrays = new Map<string, RawArray>();
  for (const target of targets) arrays.set(target.name, randomArray(count, target, seed));
  return {
    arrays,
    labels: null,
    classNames: null,
    unlabelled: 'Random values have no labels.',
    notes: ['The values are random: they show speed and size, and nothing about accuracy.'],
    close: () => Promise.resolve(),
  };
}

function randomArray(length: number, target: InputTarget, seed: number): RawArray {
  const { name, dtype } = target;
  const shape = target.shape?.map((dimension) => dimension ?? 0);
  if (shape === undefined || shape.includes(0)) {
    const takes = target.shape === null ? 'any shape' : shapeText(target.shape);
    throw badData('random', `The model's input ${name} takes ${takes}: random values need a shape. Use real data.`);
  }
  return {
    title: 'random',
    length,
    dtype,
    shape,
    order: pictureOrder(shape),
    converted: true,
    read: (positions) => Promise.resolve(generate(positions, target, elementsOf(shape), seed)),
    picture: () => Promise.resolve(null),
  };
}

function generate(positions: readonly number[], { dtype }: InputTarget, sample: number, seed: number): TensorData {
  const { data } = zeros(dtype, [positions.length * sample]);
  for (const [index, position] of positions.entries()) {
    const random = randomNumbers(seed + Math.imul(position + 1, SAMPLE_STEP));
    for (let at = index * sample; at < (index + 1) * sample; at++) {
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(Math.round(random()));
      else if (dtype === 'float16') data[at] = toFloat16(random());
      else if (dtype.startsWith('float') && bytesPerElement(dtype) > 2) data[at] = random();
      else data[at] = Math.round(random());
    }
  }
  return data;
}
