import { EdgewiseError } from '../../errors';
import type { TensorData } from '../../runtime/tensor';
import { framed, framingOf, type Framing } from './framing';
import { pictureSection } from './picture-section';
import { interleaved, sizesOf, swapped, toPicture } from './picture';
import type { InputTarget, PictureOrder, RawArray } from './raw-set';

/**
 * An array of pictures in the size and channels that the recipe declares; the array itself where it is so already.
 * @throws EdgewiseError `bad-recipe` where a conversion is declared for values that are not bytes of pictures
 */
export function convertedPictures(array: RawArray, target: InputTarget): RawArray {
  if (array.converted || array.order === null) return array;
  const section = array.dtype === 'uint8' ? pictureSection(target) : (target.section ?? {});
  const has = sizesOf(array.shape, array.order);
  const [height, width] = section.size ?? [has.height, has.width];
  const channels = section.channels === undefined ? has.channels : section.channels === 'gray' ? 1 : 3;
  const blueFirst = section.channels === 'bgr';
  const framing = framingOf(section);
  const sameSize = height === has.height && width === has.width && framing.shorterSide === null;
  if (sameSize && channels === has.channels && !blueFirst) return array;
  if (array.dtype !== 'uint8' || (channels !== 1 && channels !== 3)) {
    throw new EdgewiseError(
      'bad-recipe',
      `${array.title} holds ${array.dtype} values of ${has.channels} channels; data.input.size and data.input.channels change gray and RGB bytes only. Leave them out.`,
      { file: array.title },
    );
  }
  return new ConvertedPictures(array, array.order, { height, width, channels, blueFirst, framing });
}

interface Conversion {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly blueFirst: boolean;
  readonly framing: Framing;
}

class ConvertedPictures implements RawArray {
  readonly title: string;
  readonly length: number;
  readonly dtype = 'uint8';
  readonly shape: readonly number[];
  readonly order = 'HWC';
  readonly converted = true;

  constructor(
    private readonly array: RawArray,
    private readonly from: PictureOrder,
    private readonly to: Conversion,
  ) {
    this.title = array.title;
    this.length = array.length;
    this.shape = [to.height, to.width, to.channels];
  }

  async read(positions: readonly number[]): Promise<TensorData> {
    const { height, width, channels, blueFirst, framing } = this.to;
    const has = sizesOf(this.array.shape, this.from);
    const values = new Uint8Array(positions.length * height * width * channels);
    for (const [index, position] of positions.entries()) {
      const raw = Uint8Array.from(await this.bytesOf(position));
      const pixels = interleaved(raw, this.from, has.channels);
      const picture = toPicture(pixels, has.width, has.height, has.channels, channels);
      const resized = framed(picture, { width, height }, framing);
      values.set(blueFirst ? swapped(resized.pixels) : resized.pixels, index * height * width * channels);
    }
    return values;
  }

  picture(position: number): ReturnType<RawArray['picture']> {
    return this.array.picture(position);
  }

  private async bytesOf(position: number): Promise<Uint8Array> {
    const values = await this.array.read([position]);
    return values instanceof Uint8Array ? values : new Uint8Array();
  }
}
