import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema, type Report } from '../../src/core/evaluation/report.schema';
import { edgewise, filesIn, prepare, removeWorkspace, workspace } from './command-line';

const DATA = ['--data', 'data/test.npz:600', '--scale', '1/255'];

let folder: string;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
});
afterAll(() => removeWorkspace(folder));

async function quantized(...words: string[]): Promise<Report> {
  const { code, stdout, stderr } = await edgewise(folder, ['quantize', 'digits.onnx', ...words, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return reportSchema.parse(JSON.parse(stdout));
}

describe('edgewise quantize', () => {
  it.each([
    [['--weights', '4', '--block', '32'], 'digits.int4.onnx', 'int4 per block of 32'],
    [['--weights', '4', '--encoding', 'palette'], 'digits.palette4.onnx', '4-bit palette'],
    [['--weights', '3', '--encoding', 'palette', '--sparsity', '0.5'], 'digits.palette3-sparse.onnx', 'sparse'],
  ])('%j writes %s', async (words, name, encoding) => {
    const report = await quantized(...words, ...DATA);
    expect(await filesIn(folder)).toContain(name);
    expect(report.after.bytes).toBeLessThan(report.before.bytes / 5);
    expect(report.after.value).toBeGreaterThan(0.9);
    expect(report.layers.map((layer) => layer.encoding).join()).toContain(encoding);
  });

  it('repairs on samples before it rounds, and takes names of passes in one text', async () => {
    const report = await quantized('--weights', '3', '--repair', 'gptq,adaptive-rounding', ...DATA);
    expect(report.recipe.steps[0]?.quantize?.repair).toEqual(['gptq', 'adaptive-rounding']);
    expect(report.after.value).toBeGreaterThan(0.9);
  });

  it('computes in float16 where asked, between float32 inputs and outputs', async () => {
    const report = await quantized('--weights', 'float16', '--compute', 'float16', ...DATA);
    expect(report.after.bytes).toBeLessThan(report.before.bytes * 0.6);
    expect(report.after.value).toBeGreaterThan(0.95);
    expect(report.warnings.join(' ')).toMatch(/float16 is for GPUs/);
  });

  it('for a microcontroller, tells flash and arena, and whose latency it is', async () => {
    const report = await quantized('--weights', '8', '--activations', '8', '--target', 'micro', ...DATA);
    const { micro } = report.target ?? {};
    expect(micro?.flashBytes).toBeLessThan(report.after.bytes);
    expect(micro?.arenaBytes).toBeGreaterThan(784);
    expect(report.warnings.join(' ')).toMatch(/Latency is this computer's, not that of a microcontroller/);
  });

  it('says the command that does the same', async () => {
    const report = await quantized('--weights', '2', '--asymmetric', '--keep', 'Gemm', '--store', 'unpacking');
    expect(report.command).toBe('edgewise compress digits.onnx --weights 2 --keep Gemm --asymmetric --store unpacking');
  });
});

describe('what cannot be done is told in a sentence, and nothing is written', () => {
  it.each<[string[], number, RegExp]>([
    [['--weights', '7'], 2, /^--weights is '7'; use 8, 6, 5, 4, 3, 2, 1, float16/],
    [[], 2, /^Say what to make with --to .* --weights BITS, with --max-drop or --max-size/],
    [['--weights', '4', '--keep', 'con1'], 2, /^There is no layer or operator "con1" in digits\.onnx: did you mean "/],
    [['--weights', '4', '--keep', '/(a+)+$('], 2, /no layer or operator|no regular expression/],
    [['--weights', '4', '--keep', '/^nothing/'], 2, /^No layer of digits\.onnx has a name that \/\^nothing\/ matches/],
    [['--weights', '6', '--encoding', 'affine'], 2, /there are no affine codes of int6/],
    [['--weights', '4', '--encoding', 'palette', '--store', 'native'], 1, /No ONNX operator reads a 4-bit palette/],
    [
      ['--weights', '4', '--target', 'micro'],
      2,
      /^A microcontroller cannot run int4 weights \(by the kernels of TensorFlow Lite Micro\); use int8\.$/m,
    ],
    [['--weights', '4', '--repair', 'gptq'], 2, /^Repairing digits\.onnx with gptq needs samples for calibration/],
    [
      ['--weights', '8', '--max-size', '50KB', ...DATA],
      3,
      /The file has 9\d\.\d KB, 4\d\.\d KB more than 50\.0 KB, so no/,
    ],
    [['--max-drop', '0.5'], 2, /limit on lost accuracy needs data|needs samples to compare answers on/],
    [
      ['--weights', '8', '--activations', 'dynamic'],
      1,
      /mostly convolutions, which dynamic int8 makes about ten times slower/,
    ],
    [['--weights', '8', '--compute', 'float16'], 2, /float16 arithmetic does not go with int8 weights/],
  ])('%j', async (words, exit, sentence) => {
    const before = await filesIn(folder);
    const { code, stderr } = await edgewise(folder, ['quantize', 'digits.onnx', ...words]);
    expect(stderr).toMatch(sentence);
    expect(code).toBe(exit);
    expect(await filesIn(folder)).toEqual(before);
  });

  it('a model that is quantized already, with what still makes sense', async () => {
    await edgewise(folder, ['quantize', 'digits.onnx', '--weights', '8', '--output', 'once.onnx']);
    const again = await edgewise(folder, ['quantize', 'once.onnx', '--weights', '4']);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/"once\.onnx" is quantized already .* Compress the original/);
  });

  it('leaves the original as it was', async () => {
    const original = await readFile(path.join(__dirname, '../../examples/digits/digits.onnx'));
    expect(await readFile(path.join(folder, 'digits.onnx'))).toEqual(original);
  });

  it('options of the same recipe in a file are told with their line or their name', async () => {
    const recipe = 'version: 1\nsteps:\n  - quantize: { weights: int4, block: 64 }\n';
    await writeFile(path.join(folder, 'block.yaml'), recipe);
    const { code, stderr } = await edgewise(folder, ['quantize', 'digits.onnx', '--recipe', 'block.yaml']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'The recipe has a step that cannot be carried out: block: 64 does not go with granularity: channel. Use granularity: block.\n',
    });
  });
});
