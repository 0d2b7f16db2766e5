import { openWeights } from '../../formats/weight-reader';
import type { Model } from '../../model/model';

/** Whether two models hold the same weights under the same names, to the last bit: one learns nothing of the other. */
export async function isSameNetwork(one: Model, other: Model): Promise<boolean> {
  const [left, right] = [one.graph.weights, other.graph.weights];
  if (left === right) return true;
  if (left.size !== right.size) return false;
  for (const { name, shape, dtype } of left.values()) {
    const mine = right.get(name);
    if (mine?.dtype !== dtype || mine.shape.join() !== shape.join()) return false;
  }
  return haveSameBytes(one, other);
}

async function haveSameBytes(one: Model, other: Model): Promise<boolean> {
  const [left, right] = [await openWeights(one), await openWeights(other)];
  try {
    for (const weight of one.graph.weights.values()) {
      const twin = other.graph.weights.get(weight.name);
      if (!twin || weight.data.kind === 'strings' || twin.data.kind === 'strings') continue;
      const [bytes, others] = [await wholeOf(left.stream(weight)), await wholeOf(right.stream(twin))];
      if (Buffer.compare(bytes, others) !== 0) return false;
    }
    return true;
  } finally {
    await left.close();
    await right.close();
  }
}

async function wholeOf(stream: { chunks(): AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of stream.chunks()) parts.push(Uint8Array.from(chunk));
  return Buffer.concat(parts);
}
