import type { DataSet } from '../../../src/core/evaluation/data';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import type { Model } from '../../../src/core/model/model';
import { quietContext } from '../../../src/core/progress';
import { trainedByStep } from '../../../src/core/recipe/train-pass';
import { trainSchema } from '../../../src/core/recipe/train.schema';
import type { Trained } from '../../../src/core/training/train-model';

export interface StepResult {
  readonly model: Model;
  /** As a file would hold it. */
  readonly bytes: Uint8Array;
  readonly warnings: readonly string[];
  readonly trained: Trained;
}

/** A step of a recipe that trains, carried out. @param step as the recipe has it */
export async function trainedBy(model: Model, step: object, data: DataSet): Promise<StepResult> {
  const warnings: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  const ends: Trained[] = [];
  const job = quietContext();
  const context = {
    ...{ job, file: 'net.onnx', calibration: data, warn: (sentence: string) => warnings.push(sentence) },
    whenWritten: (close: () => Promise<void>) => closers.push(close),
  };
  const result = await trainedByStep(model, trainSchema.parse({ threads: 1, ...step }), context, {
    ...{ data, base: '.', checkpoint: () => null, finished: () => Promise.resolve(), figures: () => undefined },
    ended: (_, trained) => ends.push(trained),
  });
  const bytes = await encodeOnnx(result.model);
  for (const close of closers) await close();
  const [trained] = ends;
  if (!trained) throw new Error('no training has ended');
  return { model: result.model, bytes, warnings, trained };
}
