import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/core/formats';
import { planFiles, writeOnnx } from '../../../../src/core/formats/onnx/write';
import { openWeights, weightBytes } from '../../../../src/core/formats/weight-reader';
import { quietContext } from '../../../../src/core/progress';
import { errorOf, isSentence, scratchFolder } from '../scratch';
import { decodePlain, encodePlain, floatTensor, linearModel, type PlainMessage } from './plain-onnx';

const scratch = scratchFolder();

/** A linear model whose weight of 2,048 bytes lies at `location`. */
function twoFiles(location: string, entries: Record<string, string> = {}): Uint8Array {
  const { rawData: _, ...head } = floatTensor('weight', 32, 16);
  const externalData = Object.entries({ location, ...entries }).map(([key, value]) => ({ key, value }));
  const initializer = [{ ...head, dataLocation: 1, externalData }, floatTensor('bias', 16)];
  return encodePlain(linearModel({}, { initializer }));
}

function folderWith(name: string, files: Record<string, Uint8Array>): string {
  const folder = scratch.path(name);
  mkdirSync(folder);
  for (const [file, bytes] of Object.entries(files)) writeFileSync(path.join(folder, file), bytes);
  return folder;
}

const numbers = Uint8Array.from({ length: 4096 }, (_, i) => i % 251);

async function weightOf(file: string): Promise<Uint8Array> {
  const model = await readModel(file);
  const weight = model.graph.weights.get('weight');
  if (weight === undefined) throw new Error('no weight');
  const reader = await openWeights(model);
  try {
    return await reader.read(weight, 0, weightBytes(weight));
  } finally {
    await reader.close();
  }
}

describe('reading', () => {
  it('finds weights by offset, with and without a length', async () => {
    const folder = folderWith('offsets', {
      'a.onnx': twoFiles('w.bin', { offset: '100', length: '2048' }),
      'b.onnx': twoFiles('w.bin', { offset: '100' }),
      'w.bin': numbers,
    });
    expect(await weightOf(path.join(folder, 'a.onnx'))).toEqual(numbers.slice(100, 2148));
    expect(await weightOf(path.join(folder, 'b.onnx'))).toEqual(numbers.slice(100, 2148));
  });

  it('names the files of the model', async () => {
    const folder = folderWith('named', { 'a.onnx': twoFiles('w.bin'), 'w.bin': numbers });
    const { files } = await readModel(path.join(folder, 'a.onnx'));
    expect(files.map((file) => [path.basename(file.path), file.size])).toEqual([
      ['a.onnx', statSync(path.join(folder, 'a.onnx')).size],
      ['w.bin', 4096],
    ]);
  });

  it('says which file is missing', async () => {
    const folder = folderWith('missing', { 'a.onnx': twoFiles('w.bin') });
    const error = await errorOf(readModel(path.join(folder, 'a.onnx')));
    expect(error.kind).toBe('not-found');
    expect(error.message).toBe(
      '"a.onnx" keeps weights in a second file, "w.bin", which is not beside it. Copy that file into the same folder, then try again.',
    );
  });

  it('says which file is too short', async () => {
    const folder = folderWith('short', { 'a.onnx': twoFiles('w.bin', { offset: '3000' }), 'w.bin': numbers });
    const error = await errorOf(readModel(path.join(folder, 'a.onnx')));
    expect(error.kind).toBe('truncated');
    expect(error.message).toContain('"w.bin" ends early');
  });

  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    'weights/../../secret',
    '..\\..\\secret',
    'C:\\Windows\\win.ini',
    '\\\\server\\share\\w.bin',
    '..',
    '',
  ])('never follows %j out of the folder', async (location) => {
    const folder = folderWith(`escape ${Buffer.from(location).toString('hex')}`, { 'a.onnx': twoFiles(location) });
    const error = await errorOf(readModel(path.join(folder, 'a.onnx')));
    expect(error.kind).toBe('malformed');
    expect(isSentence(error.message)).toBe(true);
  });

  it('follows a link beside the model, as caches of models make them', async () => {
    const store = folderWith('store', { blob: numbers });
    const folder = folderWith('links', { 'a.onnx': twoFiles('w.bin') });
    symlinkSync(path.join(store, 'blob'), path.join(folder, 'w.bin'));
    expect(await weightOf(path.join(folder, 'a.onnx'))).toEqual(numbers.slice(0, 2048));
  });

  it.each<Record<string, string>>([
    { offset: '-1' },
    { offset: '1e3' },
    { offset: '99999999999999999999' },
    { length: '7' },
    { length: 'x' },
  ])('refuses %j', async (entries) => {
    const name = `bad ${Object.values(entries).join()}`;
    const folder = folderWith(name, {
      'a.onnx': twoFiles('w.bin', entries),
      'w.bin': numbers,
    });
    const error = await errorOf(readModel(path.join(folder, 'a.onnx')));
    expect(['malformed', 'truncated']).toContain(error.kind);
    expect(isSentence(error.message)).toBe(true);
  });

  it('says so when the second file changes after the model was opened', async () => {
    const folder = folderWith('changes', { 'a.onnx': twoFiles('w.bin'), 'w.bin': numbers });
    const model = await readModel(path.join(folder, 'a.onnx'));
    writeFileSync(path.join(folder, 'w.bin'), new Uint8Array(8000));
    const reader = await openWeights(model);
    const [weight] = model.graph.weights.values();
    if (weight === undefined) throw new Error('no weight');
    expect((await errorOf(reader.read(weight, 0, 8))).kind).toBe('changed');
    await reader.close();
  });
});

describe('writing', () => {
  it('keeps weights in a second file, named after the new model', async () => {
    const folder = folderWith('kept', { 'a.onnx': twoFiles('w.bin', { offset: '64' }), 'w.bin': numbers });
    const target = path.join(folder, 'new model.onnx');
    const model = await readModel(path.join(folder, 'a.onnx'));
    const written = await writeOnnx(model, target, { context: quietContext() });
    expect(written.paths).toEqual([target, `${target}.data`]);
    expect(written.bytes).toBe(statSync(target).size + statSync(`${target}.data`).size);
    rmSync(path.join(folder, 'w.bin'));
    expect(await weightOf(target)).toEqual(numbers.slice(64, 64 + 2048));
    await ort.InferenceSession.create(target);
  });

  it('aligns large weights to pages, so that runtimes can map them', async () => {
    const large = {
      initializer: [floatTensor('weight', 32, 16), floatTensor('bias', 16), floatTensor('large', 300, 100)],
    };
    const source = scratch.write('large.onnx', encodePlain(linearModel({}, large)));
    const model = await readModel(source);
    // A second file among the model's makes the writer use one again.
    const asTwo = { ...model, files: [...model.files, ...model.files] };
    const target = scratch.path('aligned.onnx');
    await writeOnnx(asTwo, target, { context: quietContext() });
    const graph = decodePlain(readFileSync(target))['graph'] as { initializer: PlainMessage[] };
    const offsets = graph.initializer.map((tensor) => offsetOf(tensor));
    expect(offsets).toEqual([0, null, 4096]);
    await ort.InferenceSession.create(target);
  });

  it('keeps shared bytes shared', async () => {
    const { rawData: _, ...head } = floatTensor('weight', 32, 16);
    const externalData = [{ key: 'location', value: 'w.bin' }];
    const tied = { ...head, dataLocation: 1, externalData };
    const initializer = [tied, { ...tied, name: 'tied' }, floatTensor('bias', 16)];
    const folder = folderWith('tied', { 'a.onnx': encodePlain(linearModel({}, { initializer })), 'w.bin': numbers });
    const target = path.join(folder, 'b.onnx');
    await writeOnnx(await readModel(path.join(folder, 'a.onnx')), target, { context: quietContext() });
    expect(statSync(`${target}.data`).size).toBe(2048);
  });

  it('replaces a model of two files without touching its weights before the new ones are there', async () => {
    const folder = folderWith('replaced', { 'a.onnx': twoFiles('w.bin'), 'w.bin': numbers });
    const model = await readModel(path.join(folder, 'a.onnx'));
    const target = path.join(folder, 'b.onnx');
    await writeOnnx(model, target, { context: quietContext() });
    const again = await writeOnnx(model, target, { context: quietContext(), overwrite: true });
    expect(again.paths[1]).toBe(path.join(folder, 'b.onnx-2.data'));
    expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'b.onnx', 'b.onnx-2.data', 'w.bin']);
    expect(await weightOf(target)).toEqual(numbers.slice(0, 2048));
    await writeOnnx(model, target, { context: quietContext(), overwrite: true });
    expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'b.onnx', 'b.onnx.data', 'w.bin']);
  });

  it('leaves files that only look like its own to the models that need them', async () => {
    const files = { 'a.onnx': twoFiles('w.bin'), 'w.bin': numbers };
    const theirs = { 'c.onnx': twoFiles('b.onnx.data'), 'b.onnx.data': numbers };
    const folder = folderWith('theirs', { ...files, ...theirs });
    const target = path.join(folder, 'b.onnx');
    await writeOnnx(await readModel(path.join(folder, 'a.onnx')), target, { context: quietContext() });
    expect(readdirSync(folder).sort()).toEqual(['a.onnx', 'b.onnx', 'b.onnx-2.data', 'b.onnx.data', 'c.onnx', 'w.bin']);
    expect(await weightOf(path.join(folder, 'c.onnx'))).toEqual(numbers.slice(0, 2048));
  });

  it('moves weights to a second file when one would be too large for protobuf', async () => {
    const source = scratch.write('outgrown.onnx', encodePlain(linearModel()));
    const target = scratch.path('outgrown copy.onnx');
    const whole = await planFiles(await readModel(source), target);
    expect(whole.map((plan) => plan.path)).toEqual([target]);
    const plans = await planFiles(await readModel(source), target, { largest: 2000 });
    expect(plans.map((plan) => [plan.path, plan.byteLength < 2000])).toEqual([
      [target, true],
      [`${target}.data`, false],
    ]);
  });

  it('leaves neither file when it fails', async () => {
    const folder = folderWith('failing', { 'a.onnx': twoFiles('w.bin'), 'w.bin': numbers });
    const model = await readModel(path.join(folder, 'a.onnx'));
    rmSync(path.join(folder, 'w.bin'));
    const error = await errorOf(writeOnnx(model, path.join(folder, 'b.onnx'), { context: quietContext() }));
    expect(error.kind).toBe('not-found');
    expect(readdirSync(folder)).toEqual(['a.onnx']);
  });
});

function offsetOf(tensor: PlainMessage): number | null {
  const entries = tensor['externalData'];
  if (!Array.isArray(entries)) return null;
  const offset = (entries as { key: string; value: string }[]).find((entry) => entry.key === 'offset');
  return Number(offset?.value);
}
