import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSet } from '../../../../src/core/evaluation/data';
import type { Model } from '../../../../src/core/model/model';
import { quietContext } from '../../../../src/core/progress';
import { distilSchema, trainSchema, type DistilStep } from '../../../../src/core/recipe/train.schema';
import { distilling } from '../../../../src/core/training/distillation/distilling';
import { withTrainedWeights } from '../../../../src/core/training/evaluation-model';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { selectionFigure } from '../../../../src/core/training/selection-figure';
import { trainModel, type Trained } from '../../../../src/core/training/train-model';
import { pointSet, smallNetwork } from '../small-network';

const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-distillation-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const TRAIN = pointSet(1024, 2);
const SELECTION = pointSet(256, 3);
const TEST = pointSet(512, 4);
const unlabelled = (set: DataSet): DataSet => ({ ...set, labels: null });

const SETTINGS = { epochs: 32, batch: 64, rate: 0.02, threads: 1, seed: 3 };

async function accuracyOf(model: Model): Promise<number> {
  return (await selectionFigure(model, { set: TEST, context: quietContext() }))?.value ?? 0;
}

interface Distilled {
  readonly trained: Trained;
  readonly model: Model;
}

async function distilled(
  student: Model,
  teacher: Model,
  options: Partial<DistilStep> = {},
  train = unlabelled(TRAIN),
  cachePath?: string,
): Promise<Distilled> {
  const step = distilSchema.parse({ ...SETTINGS, teacher: 'self', temperature: 2, ...options });
  const selection = train.labels === null ? unlabelled(SELECTION) : SELECTION;
  const context = quietContext();
  const warnings: string[] = [];
  const inputs = { base: folder, original: { model: teacher, file: 'teacher.onnx' }, train, selection, job: context };
  const { loss, also, reference, close } = await distilling(step, student, {
    ...inputs,
    warn: (sentence) => warnings.push(sentence),
    ...(cachePath === undefined ? {} : { cachePath }),
  });
  const request = { model: student, file: 'student.onnx', step, loss, also, reference, train, selection, context };
  const trained = await trainModel(request);
  await close(true);
  expect(warnings).toEqual([]);
  return { trained, model: withTrainedWeights(student, trained.values) };
}

describe('a small student of a bigger trained teacher', () => {
  let teacher: Model;
  beforeAll(async () => {
    const model = smallNetwork(48);
    const step = trainSchema.parse(SETTINGS);
    const context = quietContext();
    const request = { model, file: 'teacher.onnx', step, loss: crossEntropy(), train: TRAIN, selection: SELECTION };
    teacher = withTrainedWeights(model, (await trainModel({ ...request, context })).values);
    expect(await accuracyOf(teacher)).toBeGreaterThan(0.95);
  }, 60_000);

  it('learns without any label, and fidelity to the teacher chooses its weights', async () => {
    const student = smallNetwork(12, 9);
    expect(await accuracyOf(student)).toBeLessThan(0.8);
    const { model, trained } = await distilled(student, teacher);
    expect(trained.figure?.name).toBe('fidelity');
    expect(await accuracyOf(model)).toBeGreaterThan(0.9);
  });

  it('learns from labels and teacher together', async () => {
    const { model, trained } = await distilled(smallNetwork(12, 9), teacher, {}, TRAIN);
    expect(trained.figure?.name).toBe('accuracy');
    expect(await accuracyOf(model)).toBeGreaterThan(0.9);
  });

  it('gives the same numbers with answers kept on disk as with a teacher that is asked each time', async () => {
    const file = path.join(folder, 'answers');
    const student = smallNetwork(12, 9);
    const asked = await distilled(student, teacher, { epochs: 3, answers: 'ask' });
    const kept = await distilled(student, teacher, { epochs: 3, answers: 'keep' }, unlabelled(TRAIN), file);
    expect(existsSync(file)).toBe(true);
    const again = await distilled(student, teacher, { epochs: 3 }, unlabelled(TRAIN), file);
    expect([...kept.trained.values]).toEqual([...asked.trained.values]);
    expect([...again.trained.values]).toEqual([...asked.trained.values]);
    expect(existsSync(file)).toBe(false);
  });

  it('comes closer to a layer of the teacher by a hint through a learned projection', async () => {
    const hints: DistilStep['hints'] = [{ student: 'active', teacher: 'active', kind: 'hint', weight: 1 }];
    const { trained } = await distilled(smallNetwork(12, 9), teacher, { hints, distillation: 0, epochs: 16 }, TRAIN);
    expect(trained.values.get('hint.0.active')).toHaveLength(48 * 12);
    const { loss } = trained.outcome.curves;
    expect(loss.at(-1)?.value).toBeLessThan((loss[0]?.value ?? 0) / 3);
  });

  it('takes layers by their names', async () => {
    const hints: DistilStep['hints'] = [{ student: 'first', teacher: 'first', kind: 'attention', weight: 10 }];
    const { trained } = await distilled(smallNetwork(12, 9), teacher, { hints, epochs: 2 });
    expect(trained.outcome.ended).toBe('finished');
  });
});
