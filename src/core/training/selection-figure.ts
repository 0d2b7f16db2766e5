import { judge } from '../evaluation/judge';
import type { DataSet } from '../evaluation/data';
import type { KeptOutputs } from '../evaluation/kept-outputs';
import type { Model } from '../model/model';
import type { JobContext } from '../progress';
import { openSessionOf } from '../runtime/model-session';

/** What the best weights are chosen by: a figure on samples that are neither trained nor tested on. */
export interface SelectionFigure {
  /** "accuracy", "fidelity", or another headline. */
  readonly name: string;
  /** True where less is better: the trainer is told the negative. */
  readonly lowerIsBetter: boolean;
  /** As it is measured: accuracy 0 to 1. */
  readonly value: number;
}

export interface SelectionRequest {
  readonly set: DataSet;
  /** Where there are no labels: the answers, or the outputs, that are to be met. */
  readonly reference?: Int32Array | null;
  readonly referenceOutputs?: KeptOutputs | null;
  readonly threads?: number;
  readonly context: JobContext;
}

/** Judges a model; null where nothing can be judged on these data. */
export async function selectionFigure(model: Model, request: SelectionRequest): Promise<SelectionFigure | null> {
  const { set, context, threads, reference = null, referenceOutputs = null } = request;
  if (set.length === 0) return null;
  const session = await openSessionOf(model, { context, ...(threads === undefined ? {} : { threads }) });
  try {
    const { judged } = await judge(session, {
      set,
      reference,
      referenceOutputs,
      extra: [],
      stage: 'Evaluating',
      context,
    });
    if (judged.metric === null || judged.value === null) return null;
    const lowerIsBetter = judged.headline?.better === 'lower';
    return { name: judged.headline?.name ?? judged.metric, lowerIsBetter, value: judged.value };
  } finally {
    await session.close();
  }
}
