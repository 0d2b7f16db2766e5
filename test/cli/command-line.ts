import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBuilt } from '../../scripts/build-if-needed.mjs';
import { makeDigits } from '../../scripts/digits.mjs';

const root = path.resolve(__dirname, '../..');
const bundle = path.join(root, 'out/cli.js');
const example = path.join(root, 'examples/digits');

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Builds the command line that users run, and makes the example's data. For `beforeAll`. */
export async function prepare(): Promise<void> {
  await ensureBuilt();
  await makeDigits(path.join(example, 'data'));
}

/** A folder with the example's model and data, its name with a space and letters beyond ASCII. */
export async function workspace(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'edgewise cli ñ-'));
  await mkdir(path.join(folder, 'data'));
  for (const name of ['digits.onnx', 'edgewise.yaml', 'data/test.npz', 'data/calibration.npz'])
    await cp(path.join(example, name), path.join(folder, name));
  return folder;
}

export async function removeWorkspace(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Everything in a folder, hidden things too, by relative path. */
export async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

/** Starts the command line as a user does, in a folder. */
export function start(folder: string, words: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [bundle, ...words], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function edgewise(
  folder: string,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<Run> {
  return ended(start(folder, words, env));
}

export async function ended(child: ChildProcess): Promise<Run> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  return { code, stdout, stderr };
}
