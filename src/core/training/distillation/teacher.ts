import type { Model, Value } from '../../model/model';
import type { JobContext } from '../../progress';
import { openSessionOf } from '../../runtime/model-session';
import type { Session } from '../../runtime/session';
import type { Tensor } from '../../runtime/tensor';
import { joinedRows, rowsOf } from './batch-rows';
import { meanScores, meanValues } from './mean-answers';
import { scoresOf } from './named-value';
import type { TeacherModel } from './teacher-binding';

/** Answers of a teacher to a batch, each `[samples, values]`. */
export interface TeacherAnswers {
  /** Class scores before softmax, or other values: of several teachers what they answer together. */
  readonly output: Tensor;
  /** Values for hints, in the order in which they were asked for. */
  readonly hints: readonly Tensor[];
}

/** A network, or several, whose answers another learns. */
export interface Teacher {
  /** @param inputs in the order of the student's inputs */
  answers(inputs: readonly Tensor[]): Promise<TeacherAnswers>;
  close(): Promise<void>;
}

export interface TeacherOptions {
  /** Values between the first teacher's nodes that hints need. */
  readonly hints: readonly string[];
  /** At which class scores are softened, for the mean of several teachers; null where the output is no class scores. */
  readonly temperature: number | null;
  readonly threads?: number;
  readonly job: JobContext;
}

/** A teacher, and the batch that it is fixed to. */
export interface BoundTeacher extends TeacherModel {
  readonly batch: number | null;
}

/** Opens sessions on the teachers. Hints come from the first of them. */
export async function openTeacher(teachers: readonly BoundTeacher[], options: TeacherOptions): Promise<Teacher> {
  const open: OpenTeacher[] = [];
  const close = async (): Promise<void> => {
    for (const { session } of open) await session.close();
  };
  try {
    for (const teacher of teachers) open.push(await openOne(teacher, open.length === 0 ? options.hints : [], options));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async answers(inputs) {
      const all: Tensor[][] = [];
      for (const each of open) all.push(await answersOf(each, inputs));
      const outputs = all.flatMap(([output]) => output ?? []);
      const { temperature } = options;
      return {
        output: temperature === null ? meanValues(outputs) : meanScores(outputs, temperature),
        hints: all[0]?.slice(1) ?? [],
      };
    },
  };
}

interface OpenTeacher {
  readonly session: Session;
  readonly batch: number | null;
  readonly wanted: readonly string[];
}

async function openOne(
  { model, file, batch }: BoundTeacher,
  hints: readonly string[],
  { temperature, threads, job }: TeacherOptions,
): Promise<OpenTeacher> {
  const output = temperature === null ? (model.graph.outputs[0]?.name ?? '') : scoresOf(model);
  const wanted = [output, ...hints];
  const session = await openSessionOf(withOutputs(model, wanted), {
    ...{ name: `"${file}"`, context: job },
    ...(threads === undefined ? {} : { threads }),
  });
  return { session, batch, wanted };
}

/** Runs a batch in the parts that the teacher takes. */
async function answersOf({ session, batch, wanted }: OpenTeacher, inputs: readonly Tensor[]): Promise<Tensor[]> {
  const samples = inputs[0]?.shape[0] ?? 0;
  const size = batch ?? samples;
  const parts: Record<string, Tensor>[] = [];
  for (let first = 0; first < samples; first += size) {
    const feeds = session.inputs.flatMap(({ name }, index) => {
      const tensor = inputs[index];
      return tensor ? [[name, rowsOf(tensor, first, size)] as const] : [];
    });
    parts.push(await session.run(Object.fromEntries(feeds), [...new Set(wanted)]));
  }
  return wanted.map((name) =>
    joinedRows(
      parts.flatMap((part) => part[name] ?? []),
      samples,
    ),
  );
}

/** The model with more of its values as outputs. */
function withOutputs(model: Model, wanted: readonly string[]): Model {
  const { graph } = model;
  const known = new Set(graph.outputs.map(({ name }) => name));
  const more = [...new Set(wanted)]
    .filter((name) => !known.has(name))
    .map((name): Value => ({ name, type: { dtype: 'float32', shape: null } }));
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, ...more] } };
}
