import type { Model } from '../model/model';
import { withFoldedNormalization } from './folded-normalization';
import { inFastestForms, withForms, type FormRecord, type FormTiming } from './forms';
import { buildTrainingGraph, type TrainingGraph, type TrainingGraphOptions } from './training-graph';
import type { TrainingStage } from './training-stages';

/** The graphs of a training, each with the same variables. */
export interface StagedGraphs {
  readonly graph: TrainingGraph;
  readonly later: readonly { readonly stage: TrainingStage; readonly graph: TrainingGraph }[];
  /** In which all of them are written. */
  readonly forms: FormRecord;
}

/** Writes the graph of every stage, all before the first step, so that what cannot be written is refused in time. */
export async function stagedGraphs(
  model: Model,
  [, ...others]: readonly [TrainingStage, ...TrainingStage[]],
  options: TrainingGraphOptions,
  timing: FormTiming,
): Promise<StagedGraphs> {
  const { written: graph, forms: first } = await inFastestForms(
    (forms) => buildTrainingGraph(model, { ...options, forms }),
    timing,
  );
  let forms = first;
  const later: { stage: TrainingStage; graph: TrainingGraph }[] = [];
  for (const stage of others) {
    const own: TrainingGraphOptions = {
      ...{ ...options, transforms: stage.transforms, declared: graph.variables },
      mode: stage.isFrozen ? { ...options.mode, normalization: 'frozen' } : options.mode,
    };
    const form = stage.isFrozen ? withFoldedNormalization(model) : model;
    const known = withForms(timing.known ?? [], forms);
    const { written, forms: asked } = await inFastestForms(
      (chosen) => buildTrainingGraph(form, { ...own, forms: chosen }),
      { ...timing, known },
    );
    later.push({ stage, graph: written });
    forms = withForms(forms, asked);
  }
  return { graph, later, forms };
}
