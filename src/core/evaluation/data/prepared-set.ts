import { elementsOf } from '../../model/model';
import type { Tensor } from '../../runtime/tensor';
import { badData, counted } from './complaint';
import { convert, convertible, isFloatTensor, UnfitValue, type Affine } from './conversion';
import { convertedPictures } from './converted-pictures';
import type { Batch, DataInput, DataSet, DataTargets, LabelledBox, Picture } from './data-set';
import { byChannel, fitShape, type Fit } from './fit';
import { pictureAxes } from './picture-axes';
import { pictureSection } from './picture-section';
import { preparationText } from './preprocessing/words';
import type { InputTarget, RawArray, RawSet } from './raw-set';

/** A byte's largest value: pictures' bytes become 0 to 1 unless the recipe says otherwise. */
const BYTE_SCALE = 1 / 255;

/** One input of the model and where its values come from. */
interface Feed {
  readonly target: InputTarget;
  readonly array: RawArray;
  readonly fit: Fit;
  readonly affine: Affine | null;
}

/**
 * A source's samples as the model takes them: `(raw * scale - mean) / deviation`, in the model's layout and type.
 * @throws EdgewiseError `bad-data` where counts, shapes or types do not fit, `bad-recipe` for sections that cannot apply
 */
export function prepare(raw: RawSet, targets: readonly InputTarget[], source: string): PreparedSet {
  const feeds = targets.flatMap((target) => {
    const array = raw.arrays.get(target.name);
    return array === undefined ? [] : [feedOf(array, target, source)];
  });
  const length = feeds[0]?.array.length ?? 0;
  for (const { array } of feeds) {
    if (array.length === length) continue;
    const first = feeds[0]?.array.title ?? source;
    throw badData(
      source,
      `${first} holds ${counted(length, 'sample')}, ${array.title} ${array.length}. Save as many of each.`,
    );
  }
  if (length === 0) throw badData(source, `"${source}" holds no samples.`);
  for (const array of raw.targets?.values() ?? []) {
    if (array.length === length) continue;
    throw badData(
      source,
      `${array.title} holds ${counted(array.length, 'target')} for ${counted(length, 'sample')}. Save one for each.`,
    );
  }
  return new PreparedSet(raw, feeds, source, length);
}

function feedOf(raw: RawArray, target: InputTarget, source: string): Feed {
  const array = convertedPictures(raw, target);
  if (!convertible(array.dtype, target.dtype)) {
    throw badData(
      source,
      `${array.title} holds ${array.dtype}; the model's input ${target.name} takes ${target.dtype}. Save it as ${target.dtype}.`,
    );
  }
  const fit = fitShape(array, target, source);
  return { target, array, fit, affine: affineOf(array, target, fit) };
}

function affineOf(array: RawArray, target: InputTarget, fit: Fit): Affine | null {
  if (!isFloatTensor(target.dtype)) return null;
  const section = isPictures(array) ? pictureSection(target) : target.section;
  const scale = section?.scale ?? (scaledByDefault(array) ? BYTE_SCALE : 1);
  if (scale === 1 && section?.mean === undefined && section?.deviation === undefined) return null;
  return {
    scale,
    mean: byChannel(section?.mean ?? 0, fit, 'mean'),
    deviation: byChannel(section?.deviation ?? 1, fit, 'deviation'),
  };
}

/** Bytes of pictures: what metadata of a model speak of. */
function isPictures({ dtype, order }: RawArray): boolean {
  return dtype === 'uint8' && order !== null;
}

function scaledByDefault(array: RawArray): boolean {
  return array.dtype === 'uint8';
}

/** A source with its preprocessing. It owns the source's files: parts of it are `SubSet`s. */
export class PreparedSet implements DataSet {
  readonly inputs: Readonly<Record<string, DataInput>>;
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[] | null;
  readonly targets?: DataTargets;
  readonly texts?: readonly string[];
  readonly alphabet?: readonly string[];
  readonly boxes?: readonly (readonly LabelledBox[])[];
  readonly notes: readonly string[];
  /** Why there are no labels; null where there are some. */
  readonly unlabelled: string | null;

  constructor(
    private readonly raw: RawSet,
    private readonly feeds: readonly Feed[],
    readonly source: string,
    readonly length: number,
  ) {
    this.inputs = Object.fromEntries(
      feeds.map(({ target, array, fit, affine }) => {
        const picture = pictureAxes(array, fit, affine);
        return [target.name, { dtype: target.dtype, shape: fit.shape, ...(picture === null ? {} : { picture }) }];
      }),
    );
    this.labels = raw.labels;
    this.classNames = raw.classNames;
    this.unlabelled = raw.unlabelled;
    if (raw.targets !== undefined && raw.targets.size > 0) this.targets = rawTargets(raw.targets);
    if (raw.texts !== undefined) this.texts = raw.texts;
    if (raw.boxes !== undefined) this.boxes = raw.boxes;
    if (raw.alphabet !== undefined) this.alphabet = raw.alphabet;
    this.notes = [...raw.notes, ...feeds.flatMap(notesOf)];
  }

  async batch(indices: readonly number[]): Promise<Batch> {
    const inputs: [string, Tensor][] = [];
    for (const feed of this.feeds) inputs.push([feed.target.name, await this.tensor(feed, indices)]);
    return { inputs: Object.fromEntries(inputs) };
  }

  picture(index: number): Promise<Picture | null> {
    return this.feeds[0]?.array.picture(index) ?? Promise.resolve(null);
  }

  close(): Promise<void> {
    return this.raw.close();
  }

  private async tensor({ target, array, fit, affine }: Feed, indices: readonly number[]): Promise<Tensor> {
    const sample = elementsOf(fit.shape);
    const raw = await array.read(indices);
    try {
      const data = convert(array.dtype, raw, target.dtype, sample, fit.gather, affine);
      return { dtype: target.dtype, shape: [indices.length, ...fit.shape], data };
    } catch (cause) {
      if (!(cause instanceof UnfitValue)) throw cause;
      const index = indices[Math.floor(cause.index / sample)] ?? 0;
      throw badData(
        this.source,
        `${array.title}: sample ${index} holds ${cause.value}, which the model's input ${target.name} (${target.dtype}) cannot take. Repair or remove the sample.`,
      );
    }
  }
}

function rawTargets(arrays: ReadonlyMap<string, RawArray>): DataTargets {
  return {
    names: [...arrays.keys()],
    shapeOf: (output) => arrays.get(output)?.shape,
    async read(indices) {
      const tensors: [string, Tensor][] = [];
      for (const [output, array] of arrays) {
        const shape = [indices.length, ...array.shape];
        tensors.push([output, { dtype: array.dtype, shape, data: await array.read(indices) }]);
      }
      return Object.fromEntries(tensors);
    },
  };
}

function notesOf({ target, array, fit }: Feed): string[] {
  const notes: string[] = [];
  if (isPictures(array) && target.stated !== undefined) {
    const says = target.section === null ? "the model's metadata say" : "the recipe and the model's metadata say";
    notes.push(`Pictures are prepared as ${says}: ${preparationText(pictureSection(target))}.`);
  } else if (isFloatTensor(target.dtype) && scaledByDefault(array) && target.section?.scale === undefined) {
    notes.push(
      `Bytes of input ${target.name} are divided by 255. If the model was trained on other values, declare data.input.scale in the recipe.`,
    );
  }
  if (fit.gather !== null) {
    notes.push(
      `Channels of input ${target.name} are moved ${fit.channelAxis === 0 ? 'first' : 'last'}, as the model takes them.`,
    );
  }
  return notes;
}
