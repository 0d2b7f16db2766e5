import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readScript } from '../../src/host/lenses/script-lenses';

const digits = path.resolve(__dirname, '../../examples/digits/train.py');
const parametersOf = (text: string) => readScript(text).layers.map(({ parameters }) => parameters);
const torch = (line: string): string => `import torch\nimport torch.nn as nn\n${line}\n`;

describe('the bundled training script', () => {
  const { layers, exports } = readScript(readFileSync(digits, 'utf8'));

  it('makes eight layers with weights, named as in the model', () => {
    expect(layers.map(({ targets }) => targets.join())).toEqual([
      'conv1',
      'conv2',
      'norm1',
      'conv3',
      'conv4',
      'norm2',
      'fc1',
      'fc2',
    ]);
  });

  it('makes as many parameters as PyTorch counts', () => {
    expect(layers.map(({ parameters }) => parameters)).toEqual([320, 9248, 64, 18_496, 36_928, 128, 27_696, 490]);
  });

  it('writes two files', () => {
    expect(exports.map((line) => line.path)).toEqual(['digits.pt', 'digits.onnx']);
  });
});

/** Counted by PyTorch 2.13: `sum(p.numel() for p in module.parameters())`. */
const COUNTED: [line: string, parameters: number][] = [
  ['nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)', 9408],
  ['nn.Conv2d(32, 32, kernel_size=(3, 5), groups=32)', 512],
  ['nn.Conv1d(in_channels=4, out_channels=8, kernel_size=3)', 104],
  ['nn.Conv3d(1, 8, 3)', 224],
  ['nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)', 2056],
  ['nn.Linear(512, 10)', 5130],
  ['nn.Linear(512, 10, bias=False)', 5120],
  ['nn.BatchNorm2d(64)', 128],
  ['nn.BatchNorm1d(64, affine=False)', 0],
  ['nn.LayerNorm([16, 8])', 256],
  ['nn.GroupNorm(4, 32)', 64],
  ['nn.Embedding(1000, 16)', 16_000],
  ['nn.LSTM(10, 20, num_layers=2)', 5920],
  ['nn.LSTM(10, 20, 2, bidirectional=True)', 15_040],
  ['nn.GRU(10, 20)', 1920],
  ['torch.nn.Linear(2 * 3, 4 ** 2)', 112],
];

describe('the parameters of a line', () => {
  it.each(COUNTED)('%s', (line, parameters) => expect(parametersOf(torch(`x = ${line}`))).toEqual([parameters]));

  it('follow constants of the file, and aliases of imports', () => {
    const text =
      'from torch.nn import Conv2d as C\nfrom torch import nn as layers\nWIDTH = 16\na = C(1, WIDTH, 3)\nb = layers.Linear(WIDTH * 4, 2)';
    expect(parametersOf(text)).toEqual([160, 130]);
  });

  it('are not told where the line does not say them', () => {
    expect(parametersOf(torch('x = nn.Linear(width, 10)\ny = nn.Conv2d(*sizes)'))).toEqual([null, null]);
  });

  it('are a formula where Keras learns the inputs later', () => {
    const text = 'from tensorflow.keras import layers\nx = layers.Dense(10)\ny = layers.Conv2D(32, 3, use_bias=False)';
    const [dense, convolution] = parametersOf(text);
    expect(dense).toBe('10 × inputs + 10');
    expect(convolution).toBe('32 × 9 × input channels');
  });
});

describe('what is no layer', () => {
  it.each([
    '# nn.Conv2d(1, 2, 3)',
    'text = "nn.Conv2d(1, 2, 3)"',
    'class nn:\n  pass\nConv2d(1, 2, 3)',
    'def Linear(a, b):\n  return a\nLinear(1, 2)',
    'x = nn.ReLU()',
  ])('%s', (text) => expect(parametersOf(`import torch.nn as nn\n${text}`)).toEqual([]));
});

describe('a script that is hard to read', () => {
  it('with a syntax error tells what is whole', () => {
    expect(parametersOf(torch('x = nn.Linear(2, 3)\ndef broken(:\ny = nn.Linear(4, 5)'))).toContain(9);
  });

  it('with ten thousand lines or deep nesting is answered', () => {
    const long = Array.from({ length: 10_000 }, (_, i) => `layer${i} = nn.Linear(2, 3)`).join('\n');
    expect(parametersOf(torch(long))).toHaveLength(10_000);
    expect(() => readScript(torch(`x = ${'('.repeat(20_000)}`))).not.toThrow();
  });

  it('with paths that are computed names no file', () => {
    expect(readScript(torch('torch.save(model, f"{name}.pt")\ntorch.onnx.export(model, x, path)')).exports).toEqual([]);
  });
});
