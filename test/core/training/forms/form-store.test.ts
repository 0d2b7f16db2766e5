import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { quietContext } from '../../../../src/core/progress';
import { trainSchema } from '../../../../src/core/recipe/train.schema';
import { formFile, type FormRecord } from '../../../../src/core/training/forms';
import { crossEntropy } from '../../../../src/core/training/losses/cross-entropy';
import { trainModel, type Trained, type TrainRequest } from '../../../../src/core/training/train-model';
import { checkpointFile } from '../../../../src/core/training/trainer/checkpoint-file';
import { pictureNetwork, stripes } from '../picture-network';

const folder = mkdtempSync(path.join(tmpdir(), 'edgewise-forms-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const MODEL = pictureNetwork();
const TRAIN = stripes(256, 1);
/** Large enough for the forms of its convolutions to be timed. */
const STEP = trainSchema.parse({ epochs: 2, batch: 64, rate: 0.01, threads: 1, seed: 3 });

const train = (request: Partial<TrainRequest>): Promise<Trained> =>
  trainModel({
    ...{ model: MODEL, file: 'stripes.onnx', step: STEP, loss: crossEntropy(), train: TRAIN, selection: null },
    ...{ context: quietContext(), ...request },
  });

const choice = (form: string, setting = 'one'): FormRecord[number] => ({ computation: 'sum', setting, form });

describe('remembering which forms are fastest', () => {
  it('keeps what was there, and takes the new where both speak of one computation', async () => {
    const store = formFile(path.join(folder, 'sums.json'));
    expect(await store.read()).toEqual([]);
    await store.add([choice('a'), choice('b', 'two')]);
    await store.add([choice('c')]);
    expect(await store.read()).toEqual([choice('c'), choice('b', 'two')]);
  });

  it('takes a file that is none of ours for an empty one', async () => {
    const file = path.join(folder, 'other.json');
    writeFileSync(file, '{"computation": 3}');
    expect(await formFile(file).read()).toEqual([]);
  });

  it('trains to the same numbers twice, since what was timed once is not timed again', async () => {
    const forms = formFile(path.join(folder, 'twice.json'));
    const [first, second] = [await train({ forms }), await train({ forms })];
    expect(first.outcome.forms.length).toBeGreaterThan(5);
    expect(second.outcome.forms).toEqual(first.outcome.forms);
    expect([...second.values]).toEqual([...first.values]);
  });

  it('goes on in the forms of its checkpoint, whatever is fastest now', async () => {
    const { outcome } = await train({});
    const plain = outcome.forms.map((each) => ({ ...each, form: 'plain' }));
    const forms = formFile(path.join(folder, 'resumed.json'));
    await forms.add(plain);
    const checkpoints = checkpointFile(path.join(folder, 'resumed.checkpoint'), 'same');
    let asked = 0;
    const control = {
      ready: () => Promise.resolve(),
      get stopped() {
        return ++asked > 4;
      },
    };
    await train({ forms, checkpoints, control });
    expect((await checkpoints.read())?.forms).toEqual(plain);
    const resumed = await train({ checkpoints });
    expect(resumed.outcome.forms).toEqual(plain);
    expect([...resumed.values]).toEqual([...(await train({ forms })).values]);
  });
});
