import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readModel } from '../../src/core/formats';
import { writeOnnx } from '../../src/core/formats/onnx/write';
import { quietContext } from '../../src/core/progress';
import { edgewise, filesIn, prepare, removeWorkspace, workspace } from './command-line';

let folder: string;
beforeAll(prepare);
beforeEach(async () => {
  folder = await workspace();
  const model = await readModel(path.join(folder, 'digits.onnx'));
  // A second file among the model's makes the writer use one again.
  const asTwo = { ...model, files: [...model.files, ...model.files] };
  await mkdir(path.join(folder, 'two'));
  await writeOnnx(asTwo, path.join(folder, 'two', 'digits.onnx'), { context: quietContext() });
});
afterEach(() => removeWorkspace(folder));

/** Ends the process the way a crash or a lost power supply does, just before a model gets its name. */
const KILL = `
  const files = require('node:fs/promises');
  const rename = files.rename;
  files.rename = async (from, to) => {
    if (String(to).endsWith('out.onnx')) process.kill(process.pid, 'SIGKILL');
    return rename(from, to);
  };
`;

const compress = (weights: string, env: Record<string, string> = {}) =>
  edgewise(
    folder,
    ['compress', 'two/digits.onnx', '--weights', weights, '--output', 'two/out.onnx', '--overwrite'],
    env,
  );

const inTwo = async (): Promise<string[]> =>
  (await filesIn(path.join(folder, 'two'))).filter((name) => !name.startsWith('.'));

async function answers(): Promise<number[]> {
  const session = await ort.InferenceSession.create(path.join(folder, 'two', 'out.onnx'));
  const pixels = Float32Array.from({ length: 784 }, (_, at) => (at % 29) / 29);
  const [name = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  const result = await session.run({ [name]: new ort.Tensor('float32', pixels, [1, 1, 28, 28]) });
  return Array.from(result[output]?.data as Float32Array);
}

describe('a model of two files that replaces another', () => {
  it('leaves the old pair whole when its process is killed between the two names', async () => {
    expect(await compress('8')).toMatchObject({ code: 0 });
    const before = await answers();
    const old = await readFile(path.join(folder, 'two', 'out.onnx'));
    await writeFile(path.join(folder, 'kill.cjs'), KILL);
    const killed = await compress('4', { NODE_OPTIONS: `--require "${path.join(folder, 'kill.cjs')}"` });
    expect(killed.code).toBe(null);
    expect(await inTwo()).toContain('out.onnx-2.data');
    expect(await readFile(path.join(folder, 'two', 'out.onnx'))).toEqual(old);
    expect(await answers()).toEqual(before);
  });

  it('takes the old weights away once the new model has its name', async () => {
    expect(await compress('8')).toMatchObject({ code: 0 });
    const first = await answers();
    expect(await compress('4')).toMatchObject({ code: 0 });
    const files = ['digits.onnx', 'digits.onnx.data', 'out.edgewise.json', 'out.onnx', 'out.onnx-2.data'];
    expect(await inTwo()).toEqual(files);
    expect(await answers()).not.toEqual(first);
  });
});
