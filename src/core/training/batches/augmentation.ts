import { EdgewiseError } from '../../errors';
import type { DataInput } from '../../evaluation/data';
import { randomNumbers } from '../../evaluation/data/split';
import { elementsOf } from '../../model/model';
import type { TrainStep } from '../../recipe/train.schema';
import type { Tensor } from '../../runtime/tensor';
import { crop } from './augmentations/crop';
import { flip } from './augmentations/flip';
import { layoutOf, type PictureChange, type PictureLayout } from './augmentations/picture';
import { shift } from './augmentations/shift';
import { seedOf } from './order';

/**
 * Changes a batch's samples at random. Each sample has a seed of its own, so that it looks the same whatever batch it
 * comes in, and a teacher's answers to it can be kept. The tensors that come in may be changed in place.
 * @param seeds one a sample
 */
export type Augmentation = (
  inputs: Readonly<Record<string, Tensor>>,
  seeds: readonly number[],
) => Readonly<Record<string, Tensor>>;

/** What a recipe says of changes at random. */
export type Augment = NonNullable<TrainStep['augment']>;

/** In the order in which they are done. A new one is one file and one line here. */
const CHANGES: readonly ((augment: Augment) => PictureChange | null)[] = [
  ({ crop: least }) => (least === undefined || least === 1 ? null : crop(least)),
  ({ shift: most }) => (most === undefined || most === 0 ? null : shift(most)),
  (augment) => (augment.flip === true ? flip : null),
];

/**
 * The changes to pictures that a recipe asks for; null where it asks for none. Where a model takes several pictures, all
 * of a sample are changed alike.
 * @param inputs of the set
 * @throws EdgewiseError `bad-recipe` where no input takes pictures of float32
 */
export function augmentationOf(
  augment: Augment | undefined,
  inputs: Readonly<Record<string, DataInput>>,
): Augmentation | null {
  const changes = CHANGES.map((changeFor) => changeFor(augment ?? {}));
  if (changes.every((change) => change === null)) return null;
  const pictures = Object.entries(inputs).flatMap(([name, input]) => {
    const layout = input.dtype === 'float32' ? layoutOf(input) : null;
    return layout === null ? [] : [{ name, layout }];
  });
  if (pictures.length === 0)
    throw new EdgewiseError(
      'bad-recipe',
      `augment changes pictures, and no input takes any: ${Object.keys(inputs).join(', ')}. Leave flip, shift and crop out.`,
    );
  return (tensors, seeds) => {
    for (const { name, layout } of pictures) changeAll(tensors[name], layout, seeds, changes);
    return tensors;
  };
}

function changeAll(
  tensor: Tensor | undefined,
  layout: PictureLayout,
  seeds: readonly number[],
  changes: readonly (PictureChange | null)[],
): void {
  if (!(tensor?.data instanceof Float32Array)) return;
  const { data, shape } = tensor;
  const length = elementsOf(shape.slice(1));
  seeds.forEach((seed, sample) => {
    const values = data.subarray(sample * length, (sample + 1) * length);
    // A stream of its own for each change: one more does not move the others.
    changes.forEach((change, index) => change?.(values, layout, randomNumbers(seedOf(seed, index))));
  });
}
