import type { Tensor } from '../../runtime/tensor';
import type { PreparedBatch } from './preparation';

type Tensors = Readonly<Record<string, Tensor>>;

/** The batch in memory of its own: what a set gives may lie in what it holds, and must not be taken from it. */
export function movable(batch: PreparedBatch): PreparedBatch {
  const copied = (tensors: Tensors): Tensors =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
    );
  return { ...batch, inputs: copied(batch.inputs), answers: copied(batch.answers) };
}

/** The memory that goes with a batch. */
export function transferred({ inputs, answers }: PreparedBatch): ArrayBuffer[] {
  return [...Object.values(inputs), ...Object.values(answers)].flatMap(({ data: { buffer } }) =>
    buffer instanceof ArrayBuffer ? [buffer] : [],
  );
}
