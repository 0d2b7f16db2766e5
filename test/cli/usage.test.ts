import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgewise, filesIn, prepare, removeWorkspace, workspace } from './command-line';

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
  const model = await readFile(path.join(folder, 'digits.onnx'));
  const files: Record<string, Uint8Array | string> = {
    'empty.onnx': '',
    'zeros.onnx': new Uint8Array(4096),
    'random.onnx': model.map((byte, index) => (byte * 31 + index * 7) & 0xff),
    'truncated.onnx': model.subarray(0, 20_000),
    'pointer.onnx': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 374978\n',
    'page.onnx': '<!DOCTYPE html><html><body>Not found</body></html>',
    'bad name\u001b[31m.onnx': 'x',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  await mkdir(path.join(folder, 'folder.onnx'));
});
afterAll(() => removeWorkspace(folder));

describe('files that are no models', () => {
  const names = ['empty', 'zeros', 'random', 'truncated', 'pointer', 'page', 'folder', 'missing'];
  const commands: [string, (file: string) => string[]][] = [
    ['inspect', (file) => ['inspect', file]],
    ['compress', (file) => ['compress', file, '--to', 'int8-weights']],
    ['evaluate', (file) => ['evaluate', file, '--data', 'data/test.npz']],
  ];
  const cases = names.flatMap((name) => commands.map(([verb, words]) => [verb, `${name}.onnx`, words] as const));
  it.each(cases)('%s %s: one sentence with the file, nothing written', async (_verb, file, words) => {
    const before = await filesIn(folder);
    const { code, stdout, stderr } = await edgewise(folder, words(file));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(file);
    expect(stderr).not.toMatch(/\n\s+at |Error:|undefined/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(await filesIn(folder)).toEqual(before);
  });

  it('EDGEWISE_DEBUG=1 shows where it came from', async () => {
    const { code, stderr } = await edgewise(folder, ['inspect', 'missing.onnx'], { EDGEWISE_DEBUG: '1' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\n\s+at /);
  });
});

describe('the command line itself', () => {
  const wrong: [what: string, words: string[], sentence: RegExp][] = [
    ['an unknown command', ['squash'], /^Unknown command 'squash'\./],
    ['a misspelt command', ['compres', 'x.onnx'], /Did you mean compress\?/],
    ['an unknown option', ['inspect', 'digits.onnx', '--jsn'], /^Unknown option '--jsn'\..*Did you mean --json\?/],
    ['a missing argument', ['inspect'], /^Missing required argument 'model'\./],
    ['a missing model', ['compress', '--to', 'int8'], /^Name the model to compress/],
    ['nothing to do', ['compress', 'digits.onnx'], /^Say what to make with --to int8\|int8-weights\|float16/],
    ['an unknown target', ['compress', 'digits.onnx', '--to', 'int3'], /^--to is 'int3'; use int8, int8-weights or/],
    ['a missing recipe', ['compress', 'digits.onnx', '--recipe', 'no.yaml'], /no\.yaml/],
  ];
  it.each(wrong)('%s', async (what, words, sentence) => {
    const { code, stdout, stderr } = await edgewise(folder, words);
    expect(stderr).toMatch(sentence);
    expect({ code, stdout }).toEqual({ code: what === 'a missing recipe' ? 1 : 2, stdout: '' });
  });

  it('helps with examples, on standard output', async () => {
    for (const words of [['help'], ['--help'], ['help', 'compress'], ['evaluate', '--help'], ['inspect', '-h']]) {
      const { code, stdout, stderr } = await edgewise(folder, words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/Examples:\n/);
      expect(stdout).toMatch(/\$ edgewise /);
    }
  });

  it('without anything, shows the help', async () => {
    const { code, stdout, stderr } = await edgewise(folder, []);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/Usage: edgewise/);
  });

  it('tells its version', async () => {
    const { code, stdout } = await edgewise(folder, ['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
