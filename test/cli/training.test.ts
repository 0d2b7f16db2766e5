import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/core/evaluation/report.schema';
import { edgewise, ended, filesIn, prepare, removeWorkspace, start, workspace, type Run } from './command-line';

const example = path.join(__dirname, '../../examples/digits');
const DATA = ['--train', 'data/train.npz:1000', '--test', 'data/test.npz:300', '--scale', '1/255'];
const TRAIN = ['train', 'digits.onnx', ...DATA, '--batch', '50', '--lr', '0.0005'];

/** Three trainings, where many tests share a machine. */
const SLOW_MS = 300_000;

let folder: string;
let cache: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
  await cp(path.join(example, 'data/train.npz'), path.join(folder, 'data/train.npz'));
  cache = await mkdtemp(path.join(tmpdir(), 'edgewise-cache-'));
});
afterAll(async () => {
  await removeWorkspace(folder);
  await rm(cache, { recursive: true, force: true });
});

const run = (...words: string[]): Promise<Run> => edgewise(folder, words, { XDG_CACHE_HOME: cache });

describe('edgewise train', () => {
  it('trains with 2 bits a weight, and prints the report alone as JSON', async () => {
    const { code, stdout, stderr } = await run(...TRAIN, '--epochs', '1', '--weights', '2', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.recipe.steps[0]?.train?.quantize?.weights).toBe('int2');
    expect(report.after.bytes).toBeLessThan(report.before.bytes / 8);
    expect(report.training).toMatchObject({ ended: 'finished', figure: { name: 'accuracy' }, seed: 1 });
    expect(report.command).toMatch(/^edgewise train digits\.onnx .*--weights 2/);
    expect(stderr).toMatch(/Training: .*loss .*samples\/s/);
    expect(await filesIn(folder)).toContain('digits.int2-trained.onnx');
  });

  it('tells for a terminal how it went, and leaves no checkpoint', async () => {
    const { code, stdout } = await run(...TRAIN, '--epochs', '1', '--only', 'last', '--output', 'last.onnx');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Trained for 1 epoch .* the best weights are those of step \d+, accuracy/);
    const left = (await filesIn(path.join(cache, 'edgewise'))).filter((name) => name.includes('training'));
    expect(left).toEqual([]);
  });

  it(
    'goes on from its checkpoint after the process was killed, to the same weights',
    async () => {
      const words = [...TRAIN, '--epochs', '3', '--evaluate-every', '4', '--threads', '1'];
      const whole = await run(...words, '--output', 'whole.onnx');
      expect(whole.code).toBe(0);
      const killed = start(folder, [...words, '--output', 'killed.onnx'], { XDG_CACHE_HOME: cache });
      await aboutToEvaluateAgain(killed, cache);
      killed.kill('SIGKILL');
      expect((await ended(killed)).code).toBeNull();
      const again = await run(...words, '--output', 'killed.onnx');
      expect(again.stderr).toMatch(/it goes on from step \d+\./);
      expect(await readFile(path.join(folder, 'killed.onnx'))).toEqual(await readFile(path.join(folder, 'whole.onnx')));
    },
    SLOW_MS,
  );
});

/** Waits until a checkpoint is there. */
async function aboutToEvaluateAgain(child: ReturnType<typeof start>, place: string): Promise<void> {
  await mkdir(path.join(place, 'edgewise'), { recursive: true });
  while (child.exitCode === null) {
    const names = await filesIn(path.join(place, 'edgewise'));
    if (names.some((name) => name.includes('training') && !name.includes('.tmp'))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It ended before it could be killed.');
}

describe('what cannot be trained is told in a sentence, and nothing is written', () => {
  it.each<[string[], number, RegExp]>([
    [['train', 'digits.onnx'], 2, /^Training digits\.onnx needs data/m],
    [[...TRAIN, '--freeze', 'Conv', '--freeze', 'Gemm'], 2, /All layers of "digits\.onnx" are frozen/],
    [[...TRAIN, '--weights', '9'], 2, /weights.*int8|int8.*weights/],
    [[...TRAIN, '--augment', 'spin'], 2, /^--augment has 'spin'; give flip, shift, crop, mixup/],
    [[...TRAIN, '--lr', '1e30', '--optimizer', 'sgd', '--epochs', '1'], 1, /The loss is not a number at step \d+/],
    [[...TRAIN, '--label-offset', '5', '--epochs', '1'], 1, /label/],
    [['distil', 'digits.onnx', ...DATA], 2, /^Name who teaches with --teacher MODEL/],
    [['student', 'digits.onnx'], 2, /^Say how the student is smaller: --width 0\.5/],
  ])('%j', async (words, exit, sentence) => {
    const before = await filesIn(folder);
    const { code, stderr } = await run(...words);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(exit);
    expect(await filesIn(folder)).toEqual(before);
  });

  it('leaves the original as it was', async () => {
    const original = await readFile(path.join(example, 'digits.onnx'));
    expect(await readFile(path.join(folder, 'digits.onnx'))).toEqual(original);
  });
});
