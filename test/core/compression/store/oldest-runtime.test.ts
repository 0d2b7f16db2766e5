import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { onnxEncodings } from '../../../../src/core/formats/onnx/store';
import { scratchFolder } from '../running';
import { CASES, shown } from './cases';

const folder = scratchFolder();

/** Its verbose log for each session: the graph as it is run. */
const NODES_LEFT = /All nodes placed on \[CPUExecutionProvider\]\. Number of nodes: (\d+)/g;

/**
 * ONNX Runtime 1.17.0, the first that puts functions of a model in place when it loads it. All other tests run on the
 * newest.
 */
describe.each(['unpacking', 'smallest'] as const)('the oldest ONNX Runtime, of what is stored %s', (form) => {
  let answers: number[][];
  let nodesLeft: number[];

  beforeAll(async () => {
    const files: string[] = [];
    for (const [at, [, { tensor }]] of CASES.entries()) {
      const file = path.join(folder, `${form}-${at}.onnx`);
      const stored = onnxEncodings.store(shown([...tensor.shape]), new Map([['w', tensor]]), form);
      writeFileSync(file, await encodeOnnx(stored));
      files.push(file);
    }
    const [list, written] = [path.join(folder, `${form}.json`), path.join(folder, `${form}.answers.json`)];
    writeFileSync(list, JSON.stringify(files));
    const script = path.join(__dirname, 'oldest-runtime.mjs');
    // To a file, since the runtime drops what a pipe has no room for.
    const log = path.join(folder, `${form}.log`);
    const output = openSync(log, 'w');
    const { status } = spawnSync(process.execPath, [script, list, written], { stdio: ['ignore', output, output] });
    closeSync(output);
    const lines = readFileSync(log, 'utf8');
    if (status !== 0) throw new Error(lines.slice(-2000));
    nodesLeft = [...lines.matchAll(NODES_LEFT)].map(([, count]) => Number(count));
    answers = JSON.parse(readFileSync(written, 'utf8')) as number[][];
  }, 120_000);

  test.each(CASES.map(([name, { values }], at) => [name, at, values] as const))(
    '%s: the very values, and nothing left to unpack',
    (_, at, values) => {
      expect(answers[at]).toEqual([...values].map((number) => number + 0));
      // The addition that shows the weight.
      expect(nodesLeft[at]).toBe(1);
    },
  );

  test('was loaded once for each encoding', () => {
    expect(nodesLeft.length).toBe(CASES.length);
  });
});
