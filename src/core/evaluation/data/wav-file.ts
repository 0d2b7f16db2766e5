import { openBytes } from './bytes';
import { onlyTarget } from './matching';
import type { SourceKind } from './raw-set';
import { resample } from './sound/resample';
import { soundArray } from './sound/sound-array';
import { soundValues, soundWanted } from './sound/sound-wanted';
import { decodeWav, isWav, LARGEST_WAV_BYTES } from './sound/wav';

/** One recording: cut into pieces of the model's length, one after the other. */
export const wavFile: SourceKind = {
  title: 'a .wav recording',
  recognizes: (head) => head !== null && isWav(head),
  async open(request) {
    const target = onlyTarget(request.targets, request.name);
    const wanted = soundWanted(target);
    const source = await openBytes(request.path, request.name);
    try {
      const bytes = await source.read(0, Math.min(source.size, LARGEST_WAV_BYTES + 1));
      const sound = resample(decodeWav(bytes, request.name), wanted.rate);
      const pieces = Math.max(1, Math.floor(sound.samples.length / wanted.length));
      async function* load(positions: readonly number[]): AsyncGenerator<Float32Array> {
        for (const position of positions) yield soundValues(sound, wanted, position * wanted.length);
      }
      return {
        arrays: new Map([[target.name, soundArray(`"${request.name}"`, pieces, wanted, load)]]),
        labels: null,
        unlabelled: `"${request.name}" is one recording, which has no labels.`,
        classNames: request.classNames,
        notes: [],
        close: () => Promise.resolve(),
      };
    } finally {
      await source.close();
    }
  },
};
