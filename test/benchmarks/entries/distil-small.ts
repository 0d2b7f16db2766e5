import { summarize } from '../../../src/core/analysis/summary';
import { judge } from '../../../src/core/evaluation/judge';
import { openRoles } from '../../../src/core/evaluation/data';
import { readModel } from '../../../src/core/formats';
import { encodeOnnx } from '../../../src/core/formats/onnx/encode';
import { quietContext } from '../../../src/core/progress';
import { distilSchema } from '../../../src/core/recipe/train.schema';
import { openSession } from '../../../src/core/runtime/session';
import { distilling } from '../../../src/core/training/distillation/distilling';
import { withTrainedWeights } from '../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../src/core/training/losses/cross-entropy';
import { trainModel } from '../../../src/core/training/train-model';
import { argument, printMeasured } from './measured';
import { smallStudent } from './small-student';

/** `TEACHER DATA SEED EPOCHS THREADS alone|distilled`: the small student's accuracy on the test images, 0 to 1. */
async function main(): Promise<void> {
  const [seed = 1, epochs = 1, threads = 2] = [2, 3, 4].map((index) => Number(argument(index)));
  const student = smallStudent(seed);
  const roles = await openRoles(
    { calibration: 'train-images-idx3-ubyte.gz', test: 't10k-images-idx3-ubyte.gz' },
    argument(1),
    summarize(student).inputs,
    { calibrationSamples: Infinity },
  );
  const { calibration: train, test } = roles;
  if (train === null || test === null) throw new Error('There are no data.');
  const context = quietContext();
  // The reference's: AdamW, cosine, batch 128, random flips, T = 4, the teacher's share 0.7.
  const settings = { epochs, threads, seed, rate: 3e-3, weightDecay: 1e-4, augment: { flip: true } };
  const step = distilSchema.parse({ ...settings, teacher: argument(0), temperature: 4, distillation: 0.7 });
  const original = { model: await readModel(argument(0)), file: 'teacher' };
  const shown = { base: '', original, train, selection: train, job: context, warn: () => undefined };
  const teacher = argument(5) === 'distilled' ? await distilling(step, student, shown) : null;
  const { values, outcome } = await trainModel({
    ...{ model: student, file: 'student', step, train, selection: null, context },
    ...{ loss: teacher?.loss ?? crossEntropy(), ...(teacher ? { also: teacher.also } : {}) },
  });
  await teacher?.close(true);
  const session = await openSession(await encodeOnnx(withTrainedWeights(student, values)), { threads });
  const request = { set: test, reference: null, referenceOutputs: null, extra: [], stage: 'Testing', context };
  const { judged } = await judge(session, request);
  await session.close();
  await roles.close();
  printMeasured(outcome.trainingMs, { accuracy: judged.value ?? NaN, imagesPerSecond: outcome.samplesPerSecond });
}

void main();
