import { REPORT_VERSION, type Report } from '../../../src/core/evaluation/report.schema';

/** A small report with a hostile layer name, for what reads, writes and shows reports. */
export function exampleReport(change: Partial<Report> = {}): Report {
  const before: Report['before'] = {
    metric: 'accuracy',
    value: 0.98,
    interval: [0.97, 0.99],
    samples: 2000,
    latencyMs: { median: 0.9, p95: 1, threads: 2, runs: 50, batch: 1 },
    loadMs: 12,
    bytes: 700_000,
    gzipBytes: 640_000,
    parameters: 175_000,
    macs: 20_000_000,
  };
  return {
    kind: 'edgewise.report',
    version: REPORT_VERSION,
    created: '2025-01-01T00:00:00.000Z',
    verdict: '3.5 times smaller.',
    source: 'digits.onnx',
    output: 'digits.int8.onnx',
    hashes: { source: 'a'.repeat(64), output: 'b'.repeat(64) },
    before,
    after: { ...before, bytes: 200_000, value: 0.979 },
    paired: { samples: 2000, agreement: 0.995, change: -0.001, interval: [-0.004, 0.002], pValue: 0.7 },
    target: null,
    layers: [
      {
        name: '</script><img src=x onerror=alert(1)>',
        operator: 'Conv',
        parameters: 100,
        bytesBefore: 400,
        bytesAfter: 120,
        encoding: 'int8 per channel',
        sqnrDb: 38.2,
      },
      {
        name: 'relu',
        operator: 'Relu',
        parameters: 0,
        bytesBefore: 0,
        bytesAfter: 0,
        encoding: '',
        sqnrDb: null,
      },
    ],
    changed: { total: 1, shown: [{ index: 3, label: '7', before: '7', after: '1', picture: null }] },
    next: [{ title: 'Look again', reason: 'It may help.', command: "edgewise inspect 'a b.onnx'" }],
    others: [],
    data: [],
    warnings: [],
    recipe: { version: 1, steps: [] },
    command: 'edgewise compress digits.onnx --to int8 --data digits.npz',
    versions: { edgewise: '0.1.0' },
    machine: { processor: 'test', platform: 'linux-x64', threads: 2 },
    ...change,
  };
}
