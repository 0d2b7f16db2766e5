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

/** A report of a quantized network of about 200 layers. */
export function sampleReport(facts: Partial<Report> = {}): Report {
  const random = randomNumbers(11);
  const layers = residualNetwork()
    .layers.filter((layer) => layer.parameters > 0 && layer.operator !== 'BatchNormalization')
    .map((layer) => ({
      name: layer.name,
      operator: layer.operator,
      parameters: layer.parameters,
      bytesBefore: layer.bytes,
      bytesAfter: Math.round(layer.bytes / 4 + 64),
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
    before: measured({}),
    after: measured({
      value: 0.9334,
      interval: [0.9283, 0.9381],
      latencyMs: { median: 1.02, p95: 1.19, threads: 2, runs: 200, batch: 1 },
      loadMs: 14.2,
      bytes: 213_604,
      gzipBytes: 171_220,
    }),
    paired: { samples: 10_000, agreement: 0.9862, change: -0.0007, interval: [-0.0031, 0.0017], pValue: 0.62 },
    target: { maxDrop: 0.5, met: true },
    layers,
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
