import { EdgewiseError } from '../../errors';
import { encodeOnnx } from '../../formats/onnx/encode';
import type { Value } from '../../model/model';
import { openSession } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import type { TrainingGraph } from '../training-graph';

/**
 * Why a loss is no number: the step is run again with what every layer gives as outputs, and the first whose values
 * hold NaN or infinity is named as the tree names it.
 */
export async function overflowError(
  graph: TrainingGraph,
  feeds: Readonly<Record<string, Tensor>>,
  step: number,
  threads?: number,
): Promise<EdgewiseError> {
  const advice = 'Use a lower --lr, or --clip. The last good weights are in the checkpoint.';
  const first = await firstOverflow(graph, feeds, threads);
  const where = first === null ? 'in the loss itself' : `first in layer "${first}"`;
  return new EdgewiseError(
    'runtime',
    `The loss is not a number at step ${step + 1}: values overflowed ${where}. ${advice}`,
  );
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
