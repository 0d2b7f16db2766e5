import { formatOf } from '../../../../src/core/formats';
import { quietContext } from '../../../../src/core/progress';
import type { DataSet } from '../../../../src/core/evaluation/data';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import type { Model } from '../../../../src/core/model/model';
import { awareOptions, trainSchema, type AwareOptions, type TrainStep } from '../../../../src/core/recipe/train.schema';
import { openSession, type SessionOptions } from '../../../../src/core/runtime/session';
import { evaluationModel, type VariableValues } from '../../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { awareTransform } from '../../../../src/core/training/quantization/aware-transform';
import { exportAware } from '../../../../src/core/training/quantization/export-aware';
import { prepareAware, type AwareModel } from '../../../../src/core/training/quantization/prepare-aware';
import { trainModel } from '../../../../src/core/training/train-model';
import * as z from 'zod';

export interface Sets {
  readonly train: DataSet;
  readonly test: DataSet;
}

export interface AwareTraining {
  /** As it computed while it trained. */
  readonly trained: Model;
  readonly exported: Model;
  readonly aware: AwareModel;
  readonly values: VariableValues;
  readonly bytes: number;
}

/** Trains with weights and activations of few bits, and writes the result to a file. */
export async function trainedAware(
  model: Model,
  options: Partial<AwareOptions>,
  { train }: Sets,
  file: string,
  step: Partial<TrainStep> = {},
): Promise<AwareTraining> {
  const context = quietContext();
  const aware = await prepareAware({
    ...{ model, options: z.object(awareOptions).parse(options), calibration: train, file: 'net.onnx', context },
  });
  const transforms = [awareTransform(aware.plan, aware.earlier)];
  const { values } = await trainModel({
    ...{ model: aware.model, file: 'net.onnx', loss: crossEntropy(), transforms, train, selection: null, context },
    step: trainSchema.parse({ epochs: 8, batch: 64, rate: 0.02, threads: 1, ...step }),
  });
  const closers: (() => Promise<void>)[] = [];
  const whenWritten = (close: () => Promise<void>): number => closers.push(close);
  const { model: exported } = await exportAware({ aware, values, calibration: train, context, whenWritten });
  const { bytes } = await formatOf('onnx').write(exported, file, { context, publishedAs: file });
  for (const close of closers) await close();
  return { trained: evaluationModel(aware.model, values, transforms), exported, aware, values, bytes };
}

export interface Answers {
  readonly classes: readonly number[];
  readonly scores: Float32Array;
  readonly width: number;
}

const BATCH = 500;

/** Class scores of every sample. */
export async function answersOf(model: Model | string, set: DataSet, options: SessionOptions = {}): Promise<Answers> {
  const source = typeof model === 'string' ? model : await encodeOnnx(model);
  const session = await openSession(source, { threads: 1, ...options });
  const parts: Float32Array[] = [];
  let width = 1;
  for (let first = 0; first < set.length; first += BATCH) {
    const positions = Array.from({ length: Math.min(BATCH, set.length - first) }, (_, at) => first + at);
    const { inputs } = await set.batch(positions);
    const [output] = Object.values(await session.run(inputs));
    width = output?.shape.at(-1) ?? 1;
    parts.push(Float32Array.from(output?.data ?? [], Number));
  }
  await session.close();
  const scores = Float32Array.from(parts.flatMap((part) => [...part]));
  const classes = Array.from({ length: set.length }, (_, sample) => {
    const row = scores.subarray(sample * width, (sample + 1) * width);
    return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
  });
  return { classes, scores, width };
}

export interface Agreement {
  /** True where every score is the same number. */
  readonly exact: boolean;
  /** Samples with the same answer, of all. */
  readonly same: number;
  readonly of: number;
  /** Over samples with another answer: the most by which a score differs, in 255ths of the range of all scores. */
  readonly farthest: number;
}

export function agreementOf(ours: Answers, theirs: Answers): Agreement {
  const others = ours.classes.flatMap((answer, sample) => (answer === theirs.classes[sample] ? [] : [sample]));
  const [low, high] = theirs.scores.reduce(([a, b], score) => [Math.min(a, score), Math.max(b, score)], [0, 0]);
  const distances = others.flatMap((sample) => {
    const { width } = ours;
    return Array.from({ length: width }, (_, at) =>
      Math.abs((ours.scores[sample * width + at] ?? 0) - (theirs.scores[sample * width + at] ?? 0)),
    );
  });
  const farthest = Math.max(0, ...distances) / Math.max(1e-12, (high - low) / 255);
  const exact = ours.scores.every((score, at) => score === theirs.scores[at]);
  return { exact, same: ours.classes.length - others.length, of: ours.classes.length, farthest };
}

export const accuracyOf = ({ classes }: Answers, { labels }: DataSet): number =>
  classes.filter((answer, sample) => answer === labels?.[sample]).length / classes.length;
