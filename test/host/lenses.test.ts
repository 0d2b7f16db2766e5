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
  ['nn.Conv2d(8, 16, 3, 1, 1, 1, 4, False)', 288],
  ['nn.Conv2d(out_channels=4, in_channels=2, kernel_size=[1, 7])', 60],
  ['nn.Conv1d(in_channels=4, out_channels=8, kernel_size=3)', 104],
  ['nn.Conv3d(1, 8, 3)', 224],
  ['nn.Conv3d(2, 4, (1, 3, 3), bias=False)', 72],
  ['nn.ConvTranspose1d(4, 6, 3, groups=2)', 42],
  ['nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)', 2056],
  ['nn.ConvTranspose3d(2, 4, 2)', 68],
  ['nn.Linear(512, 10)', 5130],
  ['nn.Linear(512, 10, bias=False)', 5120],
  ['nn.Linear(in_features=7, out_features=3)', 24],
  ['nn.Bilinear(3, 4, 5)', 65],
  ['nn.BatchNorm2d(64)', 128],
  ['nn.BatchNorm1d(64, affine=False)', 0],
  ['nn.BatchNorm3d(6, 1e-5, 0.1, False)', 0],
  ['nn.SyncBatchNorm(8)', 16],
  ['nn.InstanceNorm2d(8)', 0],
  ['nn.InstanceNorm1d(8, affine=True)', 16],
  ['nn.LayerNorm([16, 8])', 256],
  ['nn.LayerNorm(16, bias=False)', 16],
  ['nn.LayerNorm(16, elementwise_affine=False)', 0],
  ['nn.RMSNorm(12)', 12],
  ['nn.GroupNorm(4, 32)', 64],
  ['nn.Embedding(1000, 16)', 16_000],
  ['nn.EmbeddingBag(50, 4)', 200],
  ['nn.LSTM(10, 20, num_layers=2)', 5920],
  ['nn.LSTM(10, 20, 2, bidirectional=True)', 15_040],
  ['nn.LSTM(10, 20, proj_size=5)', 1460],
  ['nn.LSTM(10, 20, 3, False, True, 0.1, True, 4)', 6560],
  ['nn.LSTM(10, 20, bias=False)', 2400],
  ['nn.GRU(10, 20)', 1920],
  ['nn.GRU(input_size=4, hidden_size=6, num_layers=2, bidirectional=True)', 1152],
  ['nn.RNN(10, 20, 2)', 1480],
  ["nn.RNN(10, 20, 1, 'relu', False, True, 0.0, True)", 1200],
  ['nn.LSTMCell(10, 20)', 2560],
  ['nn.GRUCell(10, 20, bias=False)', 1800],
  ['nn.RNNCell(3, 4)', 36],
  ['nn.MultiheadAttention(64, 8)', 16_640],
  ['nn.MultiheadAttention(64, 8, kdim=32, vdim=16)', 11_520],
  ['nn.MultiheadAttention(64, 8, bias=False)', 16_384],
  ['nn.MultiheadAttention(64, 8, 0.1, True, True)', 16_768],
  ['nn.PReLU()', 1],
  ['nn.PReLU(num_parameters=16)', 16],
  ['torch.nn.Linear(2 * 3, 4 ** 2)', 112],
];

/** By the shapes of weights in Keras' documentation, for the input that the line names. */
const BY_THE_DOCUMENTATION_OF_KERAS: [line: string, parameters: number][] = [
  ['layers.Dense(10, input_dim=8)', 90],
  ['layers.Dense(10, use_bias=False, input_shape=(8,))', 80],
  ['layers.Conv2D(32, (3, 3), input_shape=(28, 28, 1))', 320],
  ['layers.Conv2D(filters=4, kernel_size=3, groups=2, input_shape=[8, 8, 6])', 112],
  ['layers.Embedding(input_dim=100, output_dim=8)', 800],
  ['layers.LSTM(20, input_shape=(None, 10))', 2480],
  ['layers.GRU(20, input_shape=(None, 10))', 1920],
  ['layers.SimpleRNN(20, input_shape=(None, 10))', 620],
];

describe('the parameters of a line', () => {
  it.each(COUNTED)('%s', (line, parameters) => expect(parametersOf(torch(`x = ${line}`))).toEqual([parameters]));

  it.each(BY_THE_DOCUMENTATION_OF_KERAS)('%s', (line, parameters) =>
    expect(parametersOf(`from tensorflow.keras import layers\nx = ${line}`)).toEqual([parameters]),
  );

  it('are a formula where Keras learns the inputs later', () => {
    const text = 'from tensorflow.keras import layers\nx = layers.Dense(10)\ny = layers.Conv2D(32, 3, use_bias=False)';
    const [dense, convolution] = parametersOf(text);
    expect(dense).toBe('10 × inputs + 10');
    expect(convolution).toBe('32 × 9 × input channels');
  });

  it.each([
    ['of the file', 'WIDTH = 16\nx = nn.Linear(WIDTH * 4, 2)', 130],
    ['with a type', 'WIDTH: int = 4\nx = nn.Linear(WIDTH, 2)', 10],
    ['bound in a chain', 'a = b = 5\nx = nn.Linear(a, 2)', 12],
    ['with underscores and in hexadecimal', 'x = nn.Linear(1_000, 0x10)', 16_016],
  ])('follow constants %s', (_, text, parameters) => expect(parametersOf(torch(text))).toEqual([parameters]));

  it.each([
    'x = nn.Linear(width, 10)',
    'x = nn.Conv2d(*sizes)',
    'x = nn.Linear(2, 3, **options)',
    'N = 4\nN += 1\nx = nn.Linear(N, 2)',
    'for N in sizes:\n  x = nn.Linear(N, 2)',
    'N = 3\ndef f(N):\n  return nn.Linear(N, 2)',
    'x = nn.Linear(10 ** 400, 1)',
    'x = nn.Linear(-2, 3)',
    'x = nn.Linear("2", 3)',
    'x = nn.Conv2d(3, 8, 3, groups=2)',
    'x = nn.Linear(2, 3, bias=use_bias)',
    'x = nn.Linear()',
  ])('are not told where it does not say them: %s', (line) => expect(parametersOf(torch(line))).toEqual([null]));

  it('are the sum of several layers', () => {
    expect(parametersOf(torch('x = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4))'))).toEqual([25]);
    expect(parametersOf(torch('x = nn.Sequential(nn.Linear(2, 3), nn.Linear(n, 4))'))).toEqual([null]);
  });
});

describe('constructors are known', () => {
  it.each([
    'import torch\nx = torch.nn.Linear(2, 3)',
    'import torch as t\nx = t.nn.Linear(2, 3)',
    'import torch.nn\nx = torch.nn.Linear(2, 3)',
    'import torch.nn as layers\nx = layers.Linear(2, 3)',
    'from torch import nn\nx = nn.Linear(2, 3)',
    'from torch import nn as layers\nx = layers.Linear(2, 3)',
    'from torch.nn import Linear\nx = Linear(2, 3)',
    'from torch.nn import (Conv2d, Linear as L,)\nx = L(2, 3)',
    'try:\n  from torch import nn\nexcept ImportError:\n  nn = None\nx = nn.Linear(2, 3)',
    'def make():\n  import torch.nn as nn\n  return nn.Linear(2, 3)',
    'import torch.nn as nn\nx = nn.Linear(2, 3).to("cpu")',
    'import torch.nn as nn\nx = weight_norm(nn.Linear(2, 3))',
    'import torch.nn as nn\nx = f"{nn.Linear(2, 3)}"',
    'import torch.nn as nn\n@wrapped(nn.Linear(2, 3))\nclass Net: pass',
    'import torch.nn as nn\nx = nn.Linear(\n  2,  # inputs\n  3,\n)',
    'import torch.nn as nn\r\nx = nn.Linear(2, 3)\r\n',
  ])('in %j', (text) => expect(parametersOf(text)).toEqual([9]));

  it.each([
    'import keras\nx = keras.layers.Dense(3, input_dim=2)',
    'from tensorflow import keras\nx = keras.layers.Dense(3, input_dim=2)',
    'import tensorflow as tf\nx = tf.keras.layers.Dense(units=3, input_dim=2)',
    'from keras.layers import Dense as D\nx = D(3, input_dim=2)',
  ])('in %j', (text) => expect(parametersOf(text)).toEqual([9]));
});

describe('what is no layer', () => {
  it.each([
    '# nn.Conv2d(1, 2, 3)',
    'text = "nn.Conv2d(1, 2, 3)"',
    "text = f'nn.Conv2d(1, 2, 3)'",
    '"""\nx = nn.Conv2d(1, 2, 3)\n"""',
    'class nn:\n  pass\nConv2d(1, 2, 3)',
    'def Linear(a, b):\n  return a\nLinear(1, 2)',
    'from .nn import Linear\nLinear(1, 2)',
    'x = nn.ReLU()',
    'x = nn.Linear',
    'x = other.nn.Linear(1, 2)',
    'x = nn.functional.linear(1, 2)',
    'x = nn.toString()',
    'x = nn.constructor(1)',
  ])('%s', (text) => expect(parametersOf(`import torch.nn as nn\n${text}`)).toEqual([]));
});

describe('the layers of a line are named', () => {
  const targetsOf = (line: string) => readScript(torch(line)).layers.flatMap(({ targets }) => targets);

  it.each([
    ['self.conv = nn.Conv2d(1, 2, 3)', ['conv']],
    ['self.conv: nn.Module = nn.Conv2d(1, 2, 3)', ['conv']],
    ['self.a, self.b = nn.Linear(2, 3), nn.Linear(3, 4)', ['a', 'b']],
    ['self.net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4))', ['net.0', 'net.2']],
    ['self.net = nn.Sequential(nn.Sequential(nn.ReLU(), nn.Linear(2, 3)), nn.Linear(3, 4))', ['net.0.1', 'net.1']],
    ['self.heads = nn.ModuleList([nn.Linear(2, 3), nn.Linear(2, 3)])', ['heads.0', 'heads.1']],
    ['model = nn.Linear(2, 3)', []],
    ['self.many = nn.ModuleList([nn.Linear(2, 3) for _ in range(4)])', []],
  ])('%s', (line, targets) => expect(targetsOf(line)).toEqual(targets));
});

describe('files that a script writes', () => {
  const pathsOf = (line: string) => readScript(torch(line)).exports.map((one) => one.path);

  it.each([
    ['torch.onnx.export(model, x, "a.onnx")', ['a.onnx']],
    ['torch.onnx.export(model, x, f="out/b.onnx", opset_version=17)', ['out/b.onnx']],
    ['torch.onnx.export(model, (x, y), "../c.onnx")', ['../c.onnx']],
    ['PATH = "d.onnx"\ntorch.onnx.export(model, x, PATH)', ['d.onnx']],
    ['torch.save(model.state_dict(), "e.pt")', ['e.pt']],
    ['torch.save(model, f"{name}.pt")', []],
    ['torch.onnx.export(model, x, path)', []],
    ['# torch.save(model, "f.pt")', []],
  ])('%s', (line, paths) => expect(pathsOf(line)).toEqual(paths));
});

describe('a script that is hard to read', () => {
  it('with a syntax error tells what is whole', () => {
    expect(parametersOf(torch('x = nn.Linear(2, 3)\ndef broken(:\ny = nn.Linear(4, 5)'))).toContain(9);
  });

  it.each([
    ['ten thousand lines', Array.from({ length: 10_000 }, (_, i) => `layer${i} = nn.Linear(2, 3)`).join('\n'), 10_000],
    ['twenty thousand layers on one line', `self.x = nn.Sequential(${'nn.Linear(2, 3),'.repeat(20_000)})`, 1],
    ['calls five thousand deep', `x = ${'f('.repeat(5000)}nn.Linear(2, 3)${')'.repeat(5000)}`, 1],
    ['brackets that are never closed', `x = ${'('.repeat(20_000)}`, 0],
    ['a sum without end', `N = ${'1 + '.repeat(20_000)}1\nx = nn.Linear(N, 2)`, 1],
    ['a name without end', `x = a${'.b'.repeat(20_000)}(1)`, 0],
    ['more than anyone would write', `x = nn.Linear(2, 3)\n${'#'.repeat(2_000_000)}`, 0],
  ])('with %s is answered', (_, text, layers) => {
    expect(readScript(torch(text)).layers).toHaveLength(layers);
  });
});
