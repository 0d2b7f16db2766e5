import { EdgewiseError } from '../../errors';
import { encodeOnnx } from '../../formats/onnx/encode';
import { elementsOf, type Model, type Value } from '../../model/model';
import { openSession, type Session } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';

/** A network, or several, whose answers another learns. */
export interface Teacher {
  /**
   * Answers to a batch by the names of values: of several teachers the mean.
   * @param inputs as the student is fed them, in the order of its inputs
   */
  answers(inputs: readonly Tensor[]): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

export interface TeacherModel {
  readonly model: Model;
  /** What sentences call it. */
  readonly file: string;
}

/**
 * @param wanted outputs, and values between nodes, that the student learns from
 * @throws EdgewiseError `bad-recipe` for a value that a teacher does not have
 */
export async function openTeacher(
  models: readonly TeacherModel[],
  wanted: readonly string[],
  threads?: number,
): Promise<Teacher> {
  const sessions: Session[] = [];
  const close = async (): Promise<void> => {
    for (const session of sessions) await session.close();
  };
  try {
    for (const { model, file } of models) {
      const bytes = await encodeOnnx(withOutputs(model, wanted, file));
      sessions.push(await openSession(bytes, { name: `"${file}"`, ...(threads === undefined ? {} : { threads }) }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async answers(inputs) {
      const all: Record<string, Tensor>[] = [];
      for (const session of sessions) all.push(await session.run(fedTo(session, inputs), wanted));
      return meanOf(all, wanted);
    },
  };
}

/** The model with more of its values as outputs. */
function withOutputs(model: Model, wanted: readonly string[], file: string): Model {
  const { graph } = model;
  const known = new Set(graph.outputs.map(({ name }) => name));
  const made = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
  const missing = wanted.find((name) => !known.has(name) && !made.has(name));
  if (missing !== undefined)
    throw new EdgewiseError(
      'bad-recipe',
      `The teacher "${file}" has no value "${missing}". Name an output or a value between its nodes.`,
      { file },
    );
  const more = wanted
    .filter((name) => !known.has(name))
    .map((name): Value => ({ name, type: { dtype: 'float32', shape: null } }));
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, ...more] } };
}

const fedTo = (session: Session, inputs: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(
    session.inputs.flatMap(({ name }, index) => {
      const tensor = inputs[index];
      return tensor ? [[name, tensor]] : [];
    }),
  );

function meanOf(all: readonly Record<string, Tensor>[], wanted: readonly string[]): Record<string, Tensor> {
  const [first = {}, ...rest] = all;
  if (rest.length === 0) return first;
  return Object.fromEntries(
    wanted.flatMap((name) => {
      const tensor = first[name];
      if (!tensor) return [];
      const data = new Float32Array(elementsOf(tensor.shape));
      for (const answers of all)
        answers[name]?.data.forEach((value, index) => {
          data[index] = (data[index] ?? 0) + Number(value) / all.length;
        });
      return [[name, { dtype: 'float32', shape: tensor.shape, data } satisfies Tensor]];
    }),
  );
}
