import type { TensorData } from '../../runtime/tensor';
import type { Picture } from './data-set';
import { framed } from './framing';
import { swapped } from './picture';
import type { PictureWanted } from './picture-wanted';
import type { RawArray } from './raw-set';

/** Images decoded on demand, all in the size and channels that the model wants. */
export class DecodedPictures implements RawArray {
  readonly dtype = 'uint8';
  readonly shape: readonly number[];
  readonly order = 'HWC';
  readonly converted = true;

  /** @param decode the image at a position, gray or RGB as wanted */
  constructor(
    readonly title: string,
    readonly length: number,
    private readonly wanted: PictureWanted,
    private readonly decode: (positions: readonly number[]) => AsyncIterable<Picture>,
  ) {
    this.shape = [wanted.height, wanted.width, wanted.channels];
  }

  async read(positions: readonly number[]): Promise<TensorData> {
    const { width, height, channels, blueFirst, framing } = this.wanted;
    const sample = width * height * channels;
    const values = new Uint8Array(positions.length * sample);
    let index = 0;
    for await (const picture of this.decode(positions)) {
      const { pixels } = framed(picture, { width, height }, framing);
      values.set(blueFirst ? swapped(pixels) : pixels, index * sample);
      index++;
    }
    return values;
  }

  async picture(position: number): Promise<Picture | null> {
    for await (const picture of this.decode([position])) return picture;
    return null;
  }
}
