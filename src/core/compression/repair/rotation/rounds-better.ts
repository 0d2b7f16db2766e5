import type { WeightReader } from '../../../formats/weight-reader';
import { loadKernels, type Kernels } from '../../../kernels';
import { elementsOf, type Weight } from '../../../model/model';
import { decode } from '../../encodings';
import { encodeWeight } from '../../encodings/encode';
import type { WeightPlan, WeightScheme } from '../../encodings/scheme';
import { denseValues } from '../../encodings/stored';
import { readFloats } from '../../graph/float-weights';
import { float32Weight } from '../../graph/new-weights';
import type { Breather } from '../breather';
import { multiplyInputs } from '../equalization/channel-ranges';
import { rotateAxis } from './rotate-axis';
import type { Rotation } from './rotation';
import type { Space, WeightSide } from './space';

/** What weights are rounded with: the schemes of a plan. */
export interface Rounding {
  readonly plan: WeightPlan;
  readonly reader: WeightReader;
  readonly breather: Breather;
}

/**
 * Whether the weights of a plan lose less by rounding once a space is rotated: squared errors as a share of the squares
 * before, summed over its weights, each channel counted by what the weights on the other side of the space make of it.
 * A rotation makes channels alike that are not; where they are alike already it makes them unlike, and costs.
 */
export async function roundsBetter(space: Space, rotation: Rotation, rounding: Rounding): Promise<boolean> {
  const trial = new RotationTrial(space, rotation, rounding, await loadKernels());
  return trial.gains();
}

/** What each channel of a space counts for, on its two sides. */
interface ChannelEnergies {
  readonly writes: Float64Array;
  readonly reads: Float64Array;
}

class RotationTrial {
  constructor(
    private readonly space: Space,
    private readonly rotation: Rotation,
    private readonly rounding: Rounding,
    private readonly kernels: Kernels,
  ) {}

  async gains(): Promise<boolean> {
    const [plain, rotated] = [await this.energies(false), await this.energies(true)];
    let gain = 0;
    for (const side of this.space.sides) {
      const scheme = this.rounding.plan.get(side.weight.name);
      if (scheme === undefined || scheme.kind === 'dense') continue;
      const signal = countedSum(await this.values(side, false), side, plain);
      if (signal === 0) continue;
      const before = countedSum(await this.errors(side, scheme, false), side, plain);
      const after = countedSum(await this.errors(side, scheme, true), side, rotated);
      gain += (before - after) / signal;
    }
    return gain > 0;
  }

  /** Sums of squares by channel. */
  private async energies(rotated: boolean): Promise<ChannelEnergies> {
    const { size } = this.space;
    const energies = { writes: new Float64Array(size), reads: new Float64Array(size) };
    for (const side of this.space.sides) {
      const values = await this.values(side, rotated);
      const sums = energies[side.role];
      eachChannel(side, size, values.length, (element, channel) => {
        if (channel >= 0) sums[channel] = (sums[channel] ?? 0) + (values[element] ?? 0) ** 2;
      });
    }
    return energies;
  }

  /** The numbers of a side with the scale of the normalization before it, as they are or rotated. */
  private async values(side: WeightSide, rotated: boolean): Promise<Float32Array> {
    const values = await readFloats(this.rounding.reader, side.weight);
    await this.scale(side, values);
    if (rotated) {
      await rotateAxis(values, side.weight.shape, side.axis, side.starts, this.rotation, this.rounding.breather);
    }
    return values;
  }

  /** Multiplies by the scale of the normalization that a layer reads, in place. */
  private async scale({ weight, role }: WeightSide, values: Float32Array): Promise<void> {
    if (role !== 'reads') return;
    for (const { scale, readers } of this.space.normalizations) {
      const layer = readers.find((each) => each.weight === weight);
      if (layer === undefined) continue;
      const factors = Float64Array.from(await readFloats(this.rounding.reader, scale));
      multiplyInputs(layer, values, factors.length, factors);
    }
  }

  /** What rounding changes: a rotated weight has taken the scale in before, another meets it after. */
  private async errors(side: WeightSide, scheme: WeightScheme, rotated: boolean): Promise<Float32Array> {
    const { reader } = this.rounding;
    const values = rotated ? await this.values(side, true) : await readFloats(reader, side.weight);
    const errors = await this.rounded(float32Weight(side.weight.name, side.weight.shape, values), scheme);
    for (let at = 0; at < errors.length; at++) errors[at] = (errors[at] ?? 0) - (values[at] ?? 0);
    if (!rotated) await this.scale(side, errors);
    return errors;
  }

  private async rounded(weight: Weight, scheme: WeightScheme): Promise<Float32Array> {
    const { reader, breather } = this.rounding;
    const open = () => denseValues(this.kernels, reader, weight);
    const stream = decode(this.kernels, await encodeWeight(this.kernels, weight.shape, open, scheme));
    await breather.breathe();
    return readFloats(reader, { ...weight, data: { kind: 'stream', stream } });
  }
}

/** The sum of squares, each times what its channel counts; what is outside of the space counts as the mean does. */
function countedSum(values: Float32Array, side: WeightSide, { reads, writes }: ChannelEnergies): number {
  const counts = side.role === 'writes' ? reads : writes;
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  let sum = 0;
  eachChannel(side, counts.length, values.length, (element, channel) => {
    sum += (values[element] ?? 0) ** 2 * (channel < 0 ? mean : (counts[channel] ?? 0));
  });
  return sum;
}

/** Calls for each element of a side's weight with its channel in the space; -1 where it has none. */
function eachChannel(
  { weight, axis, starts }: WeightSide,
  size: number,
  elements: number,
  take: (element: number, channel: number) => void,
): void {
  const channels = new Int32Array(weight.shape[axis] ?? 0).fill(-1);
  for (const start of starts) for (let channel = 0; channel < size; channel++) channels[start + channel] = channel;
  const inner = elementsOf(weight.shape.slice(axis + 1));
  for (let element = 0; element < elements; element++) {
    take(element, channels[Math.floor(element / inner) % channels.length] ?? -1);
  }
}
