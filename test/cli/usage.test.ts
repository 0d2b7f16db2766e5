import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgewise, prepare, removeWorkspace, workspace } from './command-line';

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
});
afterAll(() => removeWorkspace(folder));

describe('the command line itself', () => {
  it('EDGEWISE_DEBUG=1 shows where it came from', async () => {
    const { code, stderr } = await edgewise(folder, ['inspect', 'missing.onnx'], { EDGEWISE_DEBUG: '1' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\n\s+at /);
  });

  const wrong: [what: string, words: string[], sentence: RegExp][] = [
    ['an unknown command', ['squash'], /^Unknown command 'squash'\./],
    ['a misspelt command', ['compres', 'x.onnx'], /Did you mean compress\?/],
    ['an unknown option', ['inspect', 'digits.onnx', '--jsn'], /^Unknown option '--jsn'\..*Did you mean --json\?/],
    ['a missing argument', ['inspect'], /^Missing required argument 'model'\./],
    ['a missing model', ['compress', '--to', 'int8'], /^Name the model to compress/],
    [
      'nothing to do',
      ['compress', 'digits.onnx'],
      /^Say what to make with --to int8\|int8-weights\|int4\|palette4\|float16/,
    ],
    [
      'an unknown target',
      ['compress', 'digits.onnx', '--to', 'int3'],
      /^--to is 'int3'; use int8, int8-weights, int4,/,
    ],
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
