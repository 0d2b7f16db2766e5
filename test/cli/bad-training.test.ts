import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npz, pattern, type ArrayParts } from '../core/data/files';
import { edgewise, ended, filesIn, prepare, removeWorkspace, start, workspace, type Run } from './command-line';

const example = path.join(__dirname, '../../examples/digits');
const TEST = ['--test', 'data/test.npz:100', '--scale', '1/255'];
const DATA = ['--train', 'data/train.npz:300', ...TEST];

let folder: string;
let cache: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
  cache = await mkdtemp(path.join(tmpdir(), 'edgewise-cache-'));
  await cp(path.join(example, 'data/train.npz'), path.join(folder, 'data/train.npz'));
  await writeFile(path.join(folder, 'plain.npz'), npz({ image: images(200) }));
  await writeFile(path.join(folder, 'twelve.npz'), npz({ image: images(200), labels: labels(200, 12) }));
});
afterAll(async () => {
  await removeWorkspace(folder);
  await rm(cache, { recursive: true, force: true });
});

const images = (count: number): ArrayParts => ({ shape: [count, 1, 28, 28], values: pattern(count * 784) });
const labels = (count: number, classes: number): ArrayParts => ({
  ...{ shape: [count], values: Int32Array.from({ length: count }, (_, at) => at % classes) },
});
const run = (...words: string[]): Promise<Run> => edgewise(folder, words, { XDG_CACHE_HOME: cache });

describe('training that makes no sense is refused in one sentence, and nothing is written', () => {
  it.each<[string, string[], RegExp]>([
    ['labels beyond the classes', ['train', '--train', 'twelve.npz', ...TEST], /label 1[01].*10 classes/],
    ['no labels', ['train', '--train', 'plain.npz', ...TEST], /neither labels nor targets|has no labels/],
    [
      'its own teacher',
      ['distil', '--teacher', 'digits.onnx', '--train', 'plain.npz', ...TEST],
      /is the student itself/,
    ],
    ['a teacher that is not there', ['distil', '--teacher', 'none.onnx', ...DATA], /none\.onnx/],
    ['the original as output', ['train', ...DATA, '--output', 'digits.onnx', '--overwrite'], /never overwritten/],
    ['everything frozen', ['train', ...DATA, '--freeze', '/.*/'], /are frozen/],
  ])('%s', async (_title, [verb = '', ...words], sentence) => {
    const [files, original] = [await filesIn(folder), await readFile(path.join(folder, 'digits.onnx'))];
    const { code, stderr } = await run(verb, 'digits.onnx', ...words, '--epochs', '1', '--batch', '50');
    expect(stderr).toMatch(sentence);
    expect(code).toBeGreaterThan(0);
    expect(await filesIn(folder)).toEqual(files);
    expect(await readFile(path.join(folder, 'digits.onnx'))).toEqual(original);
  });

  it('data that are taken away meanwhile are named', async () => {
    await writeFile(path.join(folder, 'leaving.npz'), npz({ image: images(4000), labels: labels(4000, 10) }));
    const before = await filesIn(folder);
    const words = ['train', 'digits.onnx', '--train', 'leaving.npz', ...TEST, '--epochs', '50', '--batch', '50'];
    const child = start(folder, words, { XDG_CACHE_HOME: cache });
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      const isFirst = !text.includes('Training');
      text += chunk.toString();
      if (isFirst && text.includes('Training')) void writeFile(path.join(folder, 'leaving.npz'), 'gone');
    });
    const { code, stderr } = await ended(child);
    expect(stderr).toMatch(/leaving\.npz.*(changed|ends early)/);
    expect(code).toBe(1);
    expect(await filesIn(folder)).toEqual(before);
  }, 120_000);
});

describe('fewer samples than a batch', () => {
  it('are all in each batch, and that is said', async () => {
    const few = ['--train', 'data/train.npz:60', ...TEST, '--epochs', '1', '--weights', '4', '--output', 'few.onnx'];
    const { code, stdout } = await run('train', 'digits.onnx', ...few);
    expect(stdout).toMatch(/leaves 54 samples to train on, fewer than a batch of 128: each batch has all of them/);
    expect(code).toBe(0);
  });
});
