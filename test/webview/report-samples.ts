import { encode } from 'fast-png';
import type { Measurement } from '../../src/core/evaluation/measurement.schema';
import type { ChangedSample, Report } from '../../src/core/evaluation/report.schema';
import { residualNetwork, randomNumbers } from './samples';

const measured = (facts: Partial<Measurement>): Measurement => ({
  metric: 'accuracy',
  value: 0.9341,
  interval: [0.929, 0.9388],
  samples: 10_000,
  latencyMs: { median: 1.84, p95: 2.11, threads: 2, runs: 200, batch: 1 },
  loadMs: 21.4,
  bytes: 705_113,
  gzipBytes: 652_870,
  entropyBytes: 587_020,
  strippedBytes: 701_340,
  peakMemoryBytes: 9_480_000,
  parameters: 175_066,
  macs: 20_412_416,
  ...facts,
});

/** A picture of a blob, as a test set's digit would be. */
function picture(seed: number): string {
  const random = randomNumbers(seed);
  const size = 28;
  const centre = [8 + random() * 12, 8 + random() * 12] as const;
  const data = Uint8Array.from({ length: size * size }, (_, at) => {
    const distance = Math.hypot((at % size) - centre[0], Math.floor(at / size) - centre[1]);
    return Math.max(0, 255 - Math.abs(distance - 6) * 90);
  });
  const png = encode({ width: size, height: size, data, channels: 1, depth: 8 });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

const changedSamples = (count: number): ChangedSample[] =>
  Array.from({ length: count }, (_, index) => {
    const label = String(index % 10);
    const other = String((index + 3) % 10);
    const before = index % 3 === 0 ? other : label;
    const after = index % 3 === 0 ? (index % 2 === 0 ? label : String((index + 5) % 10)) : other;
    return { index: index * 131 + 17, label, before, after, picture: picture(index + 1) };
  });

const metricFigures = (top1: number, top5: number): NonNullable<Measurement['metrics']> => [
  { name: 'accuracy', value: top1, interval: [top1 - 0.005, top1 + 0.005], unit: 'share', better: 'higher' },
  { name: 'top-5', value: top5, interval: [top5 - 0.001, top5 + 0.001], unit: 'share', better: 'higher' },
  { name: 'KL divergence from the original', value: 0.00213, unit: 'number', better: 'lower' },
];

/** Of ten digits with 1,000 samples each. */
function classResults(seed: number, least: number): NonNullable<Measurement['classes']> {
  const random = randomNumbers(seed);
  const confusion = Array.from({ length: 10 }, (_, label) => {
    const row = Array.from({ length: 10 }, () => Math.floor(random() ** 4 * 12));
    row[label] = 0;
    row[label] = Math.round(1000 * least) - row.reduce((sum, count) => sum + count, 0) + Math.floor(random() * 10);
    return row;
  });
  const total = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const perClass = confusion.map((row, label) => ({
    ...{ name: String(label), samples: total(row), correct: row[label] ?? 0 },
    answered: total(confusion.map((others) => others[label] ?? 0)),
  }));
  return { perClass, confusion };
}

function activationRanges(names: readonly string[]): NonNullable<Report['activations']> {
  const random = randomNumbers(21);
  return ['input', ...names].map((name) => {
    const [min, max] = [-(random() ** 3) * 9, 0.5 + random() ** 3 * 22];
    const scale = (max - min) / 255;
    return { name, min, max, scale, zeroPoint: Math.round(-min / scale), bits: 8 };
  });
}

function distributionsOf(names: readonly string[]): NonNullable<Report['distributions']> {
  const random = randomNumbers(31);
  return names.map((layer) => {
    const width = 0.05 + random() * 0.3;
    const before = new Array<number>(64).fill(0);
    const after = new Array<number>(64).fill(0);
    const bin = (value: number): number => Math.max(0, Math.min(63, Math.floor((value / width / 2 + 0.5) * 64)));
    for (let sample = 0; sample < 2000; sample++) {
      const value = ((random() + random() + random() + random()) / 2 - 1) * width;
      const step = width / 8;
      before[bin(value)] = (before[bin(value)] ?? 0) + 1;
      const rounded = Math.round(value / step) * step;
      after[bin(rounded)] = (after[bin(rounded)] ?? 0) + 1;
    }
    return { layer, min: -width, max: width, before, after };
  });
}

/** What a search for the smallest within half a point may have tried. */
export const sampleFront = (): Pick<Report, 'front' | 'frontOriginal'> => ({
  frontOriginal: { bytes: 705_113, value: 0.9341, metric: 'accuracy' },
  front: [
    ['int8 everywhere', 213_604, 0.9334, false],
    ['int4, first and last layer int8', 128_410, 0.9311, true],
    ['int4 everywhere', 121_004, 0.9262, false],
    ['palette of 3 bits, layer4 int4', 104_812, 0.9148, false],
    ['palette of 3 bits everywhere', 96_220, 0.8721, false],
    ['int4 per tensor', 120_330, 0.7402, false],
    ['palette of 4 bits', 131_900, 0.9302, false],
    ['int8, layer1 float32', 240_118, 0.9336, false],
    ['int4 in blocks of 32', 140_512, 0.9305, false],
  ].map(([name, bytes, value, chosen]) => ({
    ...{ name: String(name), bytes: Number(bytes), value: Number(value) },
    ...{ metric: 'accuracy' as const, chosen: chosen === true },
  })),
});

/** Of the original's file; the rest is its graph. */
const LAYER_BYTES = 690_000;

/** A report of a quantized network of about 200 layers. */
export function sampleReport(facts: Partial<Report> = {}): Report {
  const random = randomNumbers(11);
  const weighted = residualNetwork().layers.filter(
    ({ parameters, operator }) => parameters > 0 && operator !== 'BatchNormalization',
  );
  // The network of the samples is larger than the one that this report tells of.
  const scale = LAYER_BYTES / weighted.reduce((sum, { bytes }) => sum + bytes, 0);
  const layers = weighted.map((layer) => ({
    name: layer.name,
    operator: layer.operator,
    parameters: layer.parameters,
    bytesBefore: Math.round(layer.bytes * scale),
    bytesAfter: Math.round((layer.bytes * scale) / 4 + 64),
    encoding: 'int8 per channel',
    sqnrDb: layer.name === 'conv1' ? null : 26 + random() * 18,
  }));
  return {
    kind: 'edgewise.report',
    version: 1,
    created: '2026-03-14T09:26:53.000Z',
    verdict: '3.3 times smaller, 1.8 times faster, accuracy 93.4 % to 93.3 % (10,000 images, ±0.5).',
    source: 'resnet14.onnx',
    output: 'resnet14.int8.onnx',
    hashes: {
      source: 'sha256:9f2b1c0d7a5e4f3b8c6d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d',
      output: 'sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9',
    },
    before: measured({ metrics: metricFigures(0.9341, 0.9983), classes: classResults(4, 0.99) }),
    after: measured({
      value: 0.9334,
      interval: [0.9283, 0.9381],
      latencyMs: { median: 1.02, p95: 1.19, threads: 2, runs: 200, batch: 1 },
      loadMs: 14.2,
      bytes: 213_604,
      gzipBytes: 171_220,
      entropyBytes: 166_904,
      strippedBytes: 198_112,
      peakMemoryBytes: 7_120_000,
      metrics: metricFigures(0.9334, 0.9981),
      classes: classResults(5, 0.985),
    }),
    paired: { samples: 10_000, agreement: 0.9862, change: -0.0007, interval: [-0.0031, 0.0017], pValue: 0.62 },
    speed: 'faster',
    target: { maxDrop: 0.5, met: true },
    layers,
    activations: activationRanges(layers.map(({ name }) => name)),
    distributions: distributionsOf(layers.slice(0, 60).map(({ name }) => name)),
    changed: { total: 138, shown: changedSamples(24) },
    next: [
      {
        title: 'Keep the worst layers in float32',
        reason: 'layer4.5.conv2 and two others carry a third of the error and 4 % of the bytes.',
        command:
          'edgewise compress resnet14.onnx --to int8 --data digits.npz --keep layer4.5.conv2 --keep layer3.0.conv1',
      },
      {
        title: 'Half precision instead',
        reason: 'Twice as small with usually no visible loss, and no calibration data.',
        command: 'edgewise compress resnet14.onnx --to float16 --data digits.npz',
      },
    ],
    others: [
      { name: 'resnet14.float16.onnx', value: 0.9341, parameters: 175_066, bytes: 356_400 },
      { name: 'resnet14.pruned.onnx', value: 0.9288, parameters: 96_210, bytes: 389_120 },
    ],
    data: [
      { role: 'calibration', source: 'digits.npz', samples: 512, selection: 'split of digits.npz, seed 1' },
      { role: 'test', source: 'digits.npz', samples: 10_000, selection: 'split of digits.npz, seed 1' },
    ],
    warnings: ['The machine was busy: latency varied by more than usual.'],
    recipe: {
      version: 1,
      data: { all: 'digits.npz', seed: 1 },
      target: { maxDrop: 0.5 },
      steps: [
        {
          quantize: {
            ...{ weights: 'int8', activations: 'uint8', granularity: 'channel' },
            ...{ keep: [], samples: 512, reduceRange: 'auto' },
          },
        },
      ],
    },
    command: 'edgewise compress resnet14.onnx --to int8 --data digits.npz --max-drop 0.5',
    versions: { edgewise: '0.1.0', 'onnxruntime-node': '1.30.0', node: '20.20.2' },
    machine: { processor: 'Intel Xeon Platinum 8481C', platform: 'linux-x64', threads: 2 },
    ...facts,
  };
}
