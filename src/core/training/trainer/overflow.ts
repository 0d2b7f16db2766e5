import { encodeOnnx } from '../../formats/onnx/encode';
import type { Value } from '../../model/model';
import { openSession } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import type { TrainingGraph } from '../training-graph';

/**
 * Why a loss is no number: the step is run again with what every layer gives as outputs, and the first whose values
 * hold NaN or infinity is named as the tree names it. Where the update before has overflowed, that is named.
 * @param step from 0
 */
export async function overflowReason(
  graph: TrainingGraph,
  feeds: Readonly<Record<string, Tensor>>,
  step: number,
  threads?: number,
): Promise<string> {
  const fed = new Map(graph.vectors.map(({ input }) => [input, feeds[input]?.data ?? new Float32Array(0)]));
  const update = updateOverflow(graph, fed, step);
  if (update !== null) return update;
  const first = await firstOverflow(graph, feeds, threads);
  const where = first === null ? 'in the loss itself' : `first in layer "${first}"`;
  return `The loss is not a number at step ${step + 1}: values overflowed ${where}.`;
}

/**
 * Names the variable that an update has made NaN or infinite, null where all are numbers. Gradients run from the last
 * layer to the first, so that of several the last one was first.
 * @param vectors by their inputs' names @param step that made them, from 1
 */
export function updateOverflow(
  { vectors: known }: TrainingGraph,
  vectors: ReadonlyMap<string, Tensor['data']>,
  step: number,
): string | null {
  const names = known.flatMap(({ input, values }) => {
    const vector = vectors.get(input);
    if (!(vector instanceof Float32Array) || vector.every(Number.isFinite)) return [];
    const broken = [...(values?.(vector) ?? [])].filter(([, value]) => !value.every(Number.isFinite));
    return broken.map(([name]) => name);
  });
  const last = names.at(-1);
  if (last === undefined) return null;
  return `The loss is not a number after step ${step}: values overflowed first in the gradient of "${last}".`;
}

async function firstOverflow(
  { model, forward }: TrainingGraph,
  feeds: Readonly<Record<string, Tensor>>,
  threads?: number,
): Promise<string | null> {
  const known = new Set(model.graph.outputs.map(({ name }) => name));
  const names = [...new Set(forward.map(({ term }) => term.name))];
  const more = names
    .filter((name) => !known.has(name))
    .map((name): Value => ({ name, type: { dtype: 'float32', shape: null } }));
  const graph = { ...model.graph, outputs: [...model.graph.outputs, ...more] };
  const session = await openSession(await encodeOnnx({ ...model, graph }), threads === undefined ? {} : { threads });
  try {
    const answers = await session.run(feeds, names);
    return forward.find(({ term }) => !isFinite(answers[term.name]))?.layer ?? null;
  } finally {
    await session.close();
  }
}

function isFinite(tensor: Tensor | undefined): boolean {
  return tensor === undefined || !(tensor.data instanceof Float32Array) || tensor.data.every(Number.isFinite);
}
