import { appendFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encodePlain,
  floatTensor,
  linearModel,
  tensorType,
  TYPE,
  type PlainMessage,
} from '../core/formats/onnx/plain-onnx';
import { ended, filesIn, prepare, removeWorkspace, start, workspace } from './command-line';
import { expectRefusal, expectSentence, patiently } from './refusal';

let folder: string;
let digits: Buffer;
beforeAll(async () => {
  await prepare();
  folder = await workspace();
  digits = await readFile(path.join(folder, 'digits.onnx'));
});
afterAll(() => removeWorkspace(folder));

type Words = (file: string) => string[];
const inspect: Words = (file) => ['inspect', file];
const compress: Words = (file) => ['compress', file, '--to', 'int8-weights'];
const calibrate: Words = (file) => ['compress', file, '--to', 'int8', '--data', 'random:40'];
const halve: Words = (file) => ['compress', file, '--to', 'float16'];
const evaluate: Words = (file) => ['evaluate', file, '--data', 'random:4'];
const READERS = [inspect, compress, calibrate, evaluate];

async function write(name: string, bytes: Uint8Array | string): Promise<void> {
  await writeFile(path.join(folder, name), bytes);
}

describe('files that are no models', () => {
  const page = '<!DOCTYPE html><html><body>Not found</body></html>';
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 374978\n';
  const files: [name: string, bytes: (model: Uint8Array) => Uint8Array | string, says: RegExp][] = [
    ['empty.onnx', () => '', /is empty/],
    ['zeros.onnx', () => new Uint8Array(4096), /nothing but zeros/],
    ['random.onnx', (model) => model.map((byte, at) => (byte * 31 + at * 7) & 0xff), /not an ONNX model/],
    ['pointer.onnx', () => pointer, /git lfs pull/],
    ['page.onnx', () => page, /web page/],
    ['a name ünï 模型.onnx', () => page, /web page/],
    ['bad \u001b[31mred.onnx', () => 'x', /not an ONNX model/],
  ];
  it.each(files.map((file, at) => [...file, at] as const))('%s', async (name, bytes, says, at) => {
    await write(name, bytes(digits));
    // They read models alike, and in turn each is tried on many files.
    for (const words of [READERS[at % READERS.length] ?? inspect, READERS[(at + 1) % READERS.length] ?? inspect])
      await expectRefusal(folder, words(name), name.slice(-8), says);
  });

  it.each([1, 2, 17, 1000, 20_000, 200_000, -1000, -1])('a model cut at byte %d', async (length) => {
    await write('cut.onnx', digits.subarray(0, length));
    await expectRefusal(folder, (length % 2 === 0 ? inspect : compress)('cut.onnx'), '"cut.onnx"');
  });

  it('a folder, and nothing', async () => {
    await mkdir(path.join(folder, 'folder.onnx'));
    for (const words of READERS) {
      await expectRefusal(folder, words('folder.onnx'), '"folder.onnx"', /is a folder/);
      await expectRefusal(folder, words('missing.onnx'), '"missing.onnx"', /There is no file/);
    }
  });
});

describe('models that cannot be', () => {
  async function refuse(name: string, model: PlainMessage, says: RegExp, verbs = READERS): Promise<void> {
    await write(name, encodePlain(model));
    for (const words of verbs) await expectRefusal(folder, words(name), `"${name}"`, says);
  }
  async function show(name: string, operators: string[]): Promise<void> {
    const { code, stdout, stderr } = await patiently(folder, inspect(name));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const operator of operators) expect(stdout).toContain(operator);
  }

  const external = (location: string): PlainMessage => {
    const { rawData: _, ...head } = floatTensor('weight', 32, 16);
    return linearModel(
      {},
      { initializer: [{ ...head, dataLocation: 1, externalData: [{ key: 'location', value: location }] }] },
    );
  };

  it('2 GB of declared weights in a file of 1 KB', async () => {
    const huge = { name: 'weight', dims: [512, 1024, 1024], dataType: TYPE.float, rawData: new Uint8Array(900) };
    await refuse('huge.onnx', linearModel({}, { initializer: [huge] }), /should have 2147483648 bytes/);
  });

  it('a graph that leads in circles: compressing answers, inspecting shows it', async () => {
    const node = [
      { opType: 'MatMul', input: ['b', 'weight'], output: ['a'] },
      { opType: 'Relu', input: ['a'], output: ['b'] },
      { opType: 'Identity', input: ['a'], output: ['logits'] },
    ];
    const circle = linearModel({}, { node, initializer: [floatTensor('weight', 64, 64)] });
    await refuse('circle.onnx', circle, /not acyclic\. Export the model again/, [compress, calibrate, halve, evaluate]);
    await show('circle.onnx', ['MatMul', 'Relu']);
  });

  it('weights in a second file that is not there, or lies outside the folder', async () => {
    await refuse('two.onnx', external('two.bin'), /"two\.bin", which is not beside it/);
    for (const outside of ['../../etc/passwd', '/etc/passwd', 'data/../../x']) {
      await refuse('outside.onnx', external(outside), /outside/, [inspect, compress]);
    }
  });

  it('weights in a second file that is a folder, or a link that leads nowhere', async () => {
    await mkdir(path.join(folder, 'w.bin'));
    await refuse('two.onnx', external('w.bin'), /w\.bin/, [inspect, compress]);
    await symlink('nowhere', path.join(folder, 'link.bin'));
    await refuse('two.onnx', external('link.bin'), /link\.bin/, [inspect, compress]);
  });

  it('operators that nobody knows: shown, and refused where they would have to run', async () => {
    const node = [{ opType: 'Frobnicate', domain: 'own.ops', input: ['image', 'weight'], output: ['logits'] }];
    const model = linearModel(
      { opsetImport: [{ version: 17 }, { domain: 'own.ops', version: 1 }] },
      { node, initializer: [floatTensor('weight', 64, 64)] },
    );
    await refuse('own.onnx', model, /Frobnicate.*Export the model again/, [compress, calibrate, halve, evaluate]);
    await show('own.onnx', ['Frobnicate']);
  });
});

it('a sequence among the outputs does not keep a model from being measured', async () => {
  const node = [
    { opType: 'MatMul', input: ['image', 'weight'], output: ['logits'] },
    { opType: 'SplitToSequence', input: ['logits'], output: ['parts'] },
  ];
  const output = [
    { name: 'logits', type: tensorType(TYPE.float, 'batch', 16) },
    { name: 'parts', type: { sequenceType: { elemType: tensorType(TYPE.float) } } },
  ];
  await write(
    'parts.onnx',
    encodePlain(linearModel({}, { node, output, initializer: [floatTensor('weight', 32, 16)] })),
  );
  const { code, stdout } = await patiently(folder, [...evaluate('parts.onnx'), '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ latencyMs: { threads: expect.any(Number) } });
});

describe('a model that is being written while it is read', () => {
  const verbs: [string, Words][] = [
    ['int8 weights', compress],
    ['static int8', calibrate],
    ['float16', halve],
  ];
  it.each(verbs)('%s: is not compressed half old, half new', async (_, words) => {
    await write('growing.onnx', digits);
    const before = await filesIn(folder);
    const child = start(folder, words('growing.onnx'));
    const timer = setInterval(() => void appendFile(path.join(folder, 'growing.onnx'), '\0'), 20);
    const run = await ended(child);
    clearInterval(timer);
    expectSentence(run, '"growing.onnx"');
    expect(await filesIn(folder)).toEqual(before);
  });

  it('replaced by another export: says so and keeps nothing', async () => {
    await write('replaced.onnx', digits);
    const before = await filesIn(folder);
    const child = start(folder, compress('replaced.onnx'));
    child.stderr?.once('data', () => void write('replaced.onnx', digits));
    expectSentence(await ended(child), '"replaced.onnx"', /changed/);
    expect(await filesIn(folder)).toEqual(before);
  });

  it('taken away: says so and keeps nothing', async () => {
    await write('gone.onnx', digits);
    const child = start(folder, compress('gone.onnx'));
    child.stderr?.once('data', () => void rm(path.join(folder, 'gone.onnx')));
    expectSentence(await ended(child), '"gone.onnx"');
    expect((await filesIn(folder)).filter((name) => name.includes('gone') || name.startsWith('.'))).toEqual([]);
  });
});
