import { quantizeStatic, type StaticResult } from '../../../src/core/compression/quantization/static';
import { summarize } from '../../../src/core/analysis/summary';
import { openRoles, type DataSet, type Roles } from '../../../src/core/evaluation/data';
import { judge } from '../../../src/core/evaluation/judge';
import { readModel } from '../../../src/core/formats';
import { quietContext } from '../../../src/core/progress';
import { openSession } from '../../../src/core/runtime/session';
import { exactMcNemar } from '../../../src/core/evaluation/paired';
import path from 'node:path';

/** What the Python tool was calibrated with. */
export const CALIBRATION_SAMPLES = 500;

/** Calibration from the training images of `folder`, and its first `tested` test images. */
export async function fashionRoles(model: string, folder: string, tested: number): Promise<Roles> {
  const file = (name: string): string => path.join(folder, name);
  const { inputs } = summarize(await readModel(model));
  const calibration = { path: file('train-images-idx3-ubyte.gz'), limit: CALIBRATION_SAMPLES };
  const test = { path: file('t10k-images-idx3-ubyte.gz'), limit: tested };
  return openRoles({ calibration, test }, '/', inputs, { calibrationSamples: CALIBRATION_SAMPLES });
}

export function quantizeZoo(
  given: Awaited<ReturnType<typeof readModel>>,
  roles: Roles,
  granularity: 'channel' | 'tensor' = 'channel',
): Promise<StaticResult> {
  if (roles.calibration === null) throw new Error('there are calibration images');
  const choices = { granularity, keep: [], samples: CALIBRATION_SAMPLES, reduceRange: false, fastFirst: true };
  return quantizeStatic(given, { ...choices, calibration: roles.calibration, context: quietContext() });
}

/** Share of right answers, 0 to 1. */
export async function accuracy(model: string | Uint8Array, set: DataSet | null): Promise<number> {
  const right = await rightAnswers(model, set);
  return right.reduce((sum, each) => sum + each, 0) / right.length;
}

/** 1 for each sample that is answered rightly, 0 for the others. */
export async function rightAnswers(model: string | Uint8Array, set: DataSet | null): Promise<Float64Array> {
  if (set === null || set.labels === null) throw new Error('there are labelled test images');
  const session = await openSession(model);
  try {
    const none = { reference: null, referenceOutputs: null, extra: [] };
    const { scores } = await judge(session, { set, ...none, stage: 'Measuring', context: quietContext() });
    if (scores === null) throw new Error('right answers are counted by sample');
    return scores;
  } finally {
    await session.close();
  }
}

/**
 * How likely right answers as few as these are, beside another model's on the same samples, if both are equally good:
 * McNemar's exact test, one-sided. 1 where they are as many or more.
 */
export function chanceOfSoFew(ours: Float64Array, theirs: Float64Array): number {
  let lost = 0;
  let gained = 0;
  ours.forEach((each, at) => {
    if (each < (theirs[at] ?? 0)) lost += 1;
    if (each > (theirs[at] ?? 0)) gained += 1;
  });
  return lost > gained ? exactMcNemar(lost, gained) / 2 : 1;
}
