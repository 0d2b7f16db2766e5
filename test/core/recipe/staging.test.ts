import { temporaryPrefix } from '../../../src/core/formats/leftovers';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Staging } from '../../../src/core/recipe/staging';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'edgewise-staging-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function staged(names: readonly string[]): Promise<Staging> {
  const staging = await Staging.beside(path.join(folder, 'm.onnx'));
  for (const name of names) await writeFile(staging.pathOf(name), `new ${name}`);
  return staging;
}

describe('files of a job', () => {
  it('appear together once all is well, and nothing else stays', async () => {
    const staging = await staged(['m.onnx', 'm.edgewise.json']);
    await staging.publish(['m.onnx', 'm.edgewise.json'], false);
    await staging.close();
    expect((await readdir(folder)).sort()).toEqual(['m.edgewise.json', 'm.onnx']);
  });

  it('leave nothing when the job does not come to its end', async () => {
    const staging = await staged(['m.onnx']);
    await staging.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('never replace a file that appeared meanwhile, and take back what was moved', async () => {
    const staging = await staged(['m.onnx', 'm.edgewise.json']);
    await writeFile(path.join(folder, 'm.edgewise.json'), 'theirs');
    await expect(staging.publish(['m.onnx', 'm.edgewise.json'], false)).rejects.toMatchObject({ kind: 'exists' });
    await staging.close();
    expect(await readdir(folder)).toEqual(['m.edgewise.json']);
    expect(await readFile(path.join(folder, 'm.edgewise.json'), 'utf8')).toBe('theirs');
  });

  it('replace what is there where that is asked for', async () => {
    await writeFile(path.join(folder, 'm.onnx'), 'old');
    const staging = await staged(['m.onnx']);
    await staging.publish(['m.onnx'], true);
    await staging.close();
    expect(await readFile(path.join(folder, 'm.onnx'), 'utf8')).toBe('new m.onnx');
  });

  it('that a killed process left are removed by the next job, those of a living one are not', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    await mkdir(path.join(folder, temporaryPrefix().replace(String(process.pid), String(pid)) + 'abc'));
    await mkdir(path.join(folder, `${temporaryPrefix()}abc`));
    const staging = await staged([]);
    await staging.close();
    expect(await readdir(folder)).toEqual([`${temporaryPrefix()}abc`]);
  });
});
