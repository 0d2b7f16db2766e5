import type { WeightReader } from '../../formats/weight-reader';
import type { Model, Weight } from '../../model/model';
import { readFloats } from '../graph/float-weights';
import { float32Weight } from '../graph/new-weights';
import { withWeights } from './moments/collect';

/** Float32 weights of a model that are changed, some of them more than once. */
export class WeightEdits {
  private readonly changed = new Map<string, Weight>();

  constructor(
    private readonly model: Model,
    private readonly reader: WeightReader,
  ) {}

  /** The numbers of a weight as they are by now. */
  read(weight: Weight): Promise<Float32Array> {
    return readFloats(this.reader, this.changed.get(weight.name) ?? weight);
  }

  /** `change` gets the numbers as they are by now, and changes them in place. */
  async edit(weight: Weight, change: (values: Float32Array) => void | Promise<void>): Promise<void> {
    const values = await this.read(weight);
    await change(values);
    this.changed.set(weight.name, float32Weight(weight.name, weight.shape, values));
  }

  /** The model with the weights as they are by now. */
  result(): Model {
    return withWeights(this.model, this.changed);
  }
}
