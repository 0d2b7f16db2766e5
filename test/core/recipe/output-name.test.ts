import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recipeFromFlags } from '../../../src/core/recipe/from-flags';
import { chooseOutput } from '../../../src/core/recipe/output-name';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'edgewise-names-'));
});
afterEach(() => rm(folder, { recursive: true }));

const recipe = recipeFromFlags({ to: 'int8-weights' });
const there = (name: string): Promise<void> => writeFile(path.join(folder, name), '');

async function chosen(asked?: string, overwrite = false): Promise<string> {
  const output = asked === undefined ? undefined : path.join(folder, asked);
  return path.basename(await chooseOutput(path.join(folder, 'm.onnx'), recipe, output, overwrite));
}

describe('the name of an output', () => {
  it('tells what was done', async () => expect(await chosen()).toBe('m.int8-weights.onnx'));

  it.each(['m.int8-weights.onnx', 'm.int8-weights.onnx.data', 'm.int8-weights.edgewise.json'])(
    'is numbered where %s is there',
    async (name) => {
      await there(name);
      expect(await chosen()).toBe('m.int8-weights-2.onnx');
    },
  );

  it.each(['asked.onnx', 'asked.onnx.data', 'asked.edgewise.json'])(
    'that was asked for is refused where %s is there, unless it may be replaced',
    async (name) => {
      await there(name);
      await expect(chosen('asked.onnx')).rejects.toMatchObject({
        kind: 'exists',
        message: expect.stringContaining(`"${name}" is already there`) as string,
      });
      expect(await chosen('asked.onnx', true)).toBe('asked.onnx');
    },
  );
});
