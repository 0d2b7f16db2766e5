import { elementsOf } from '../../../model/model';
import type { RawArray } from '../raw-set';
import type { SoundWanted } from './sound-wanted';

/**
 * Sounds decoded on demand, all as the model wants them.
 * @param load values of the sound at a position
 */
export function soundArray(
  title: string,
  length: number,
  wanted: SoundWanted,
  load: (positions: readonly number[]) => AsyncIterable<Float32Array>,
): RawArray {
  const size = elementsOf(wanted.shape);
  return {
    title,
    length,
    dtype: 'float32',
    shape: wanted.shape,
    order: null,
    converted: true,
    async read(positions) {
      const values = new Float32Array(positions.length * size);
      let index = 0;
      for await (const sound of load(positions)) values.set(sound, index++ * size);
      return values;
    },
    picture: () => Promise.resolve(null),
  };
}
