import { mkdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/core/formats';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { varintBytes } from '../../../../src/core/formats/onnx/wire';
import { errorOf, isSentence, scratchFolder } from '../scratch';
import { encodePlain, floatTensor, linearModel, TYPE, type PlainMessage } from './plain-onnx';

const scratch = scratchFolder();

async function refusalOf(name: string, bytes: Uint8Array | string): Promise<{ kind: string; message: string }> {
  const error = await errorOf(readModel(scratch.write(name, bytes)));
  expect(isSentence(error.message)).toBe(true);
  expect(error.message).toContain(`"${name}"`);
  expect(error.file).toBe(scratch.path(name));
  return error;
}

describe('files that are something else', () => {
  const zip = Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(20));
  const gguf = Buffer.concat([Buffer.from('GGUF'), new Uint8Array(20)]);
  const safetensors = Buffer.concat([Uint8Array.of(30, 0, 0, 0, 0, 0, 0, 0), Buffer.from('{"a":{"dtype":"F32"}}')]);

  it.each([
    ['empty.onnx', '', 'is empty'],
    ['zeros.onnx', new Uint8Array(5000), 'nothing but zeros'],
    ['pointer.onnx', 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n', 'git lfs pull'],
    ['page.onnx', '\n<!DOCTYPE html><html><title>404</title></html>', 'web page'],
    ['comment.onnx', '<!-- proxy --><html lang="en">', 'web page'],
    ['archive.onnx', zip, 'zip archive'],
    ['checkpoint.pt', Buffer.concat([zip, Buffer.from('net/data.pkl')]), 'PyTorch checkpoint'],
    ['weights.gguf', gguf, 'GGUF'],
    ['weights.safetensors', safetensors, 'safetensors'],
    ['model.tflite', Buffer.from('\x1c\0\0\0TFL3'), 'TensorFlow Lite'],
    ['model.h5', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), 'HDF5'],
    ['array.npy', Buffer.from('\x93NUMPY\x01\0', 'latin1'), 'NumPy'],
    ['settings.onnx', '{ "model": 1 }', 'JSON'],
    ['notes.onnx', 'These are only some notes about the model.', 'not an ONNX model'],
  ])('%s: named for what it is', async (name, bytes, words) => {
    const { kind, message } = await refusalOf(name, bytes);
    expect(kind).toBe('not-a-model');
    expect(message).toContain(words);
  });

  it('a folder', async () => {
    mkdirSync(scratch.path('folder.onnx'));
    const error = await errorOf(readModel(scratch.path('folder.onnx')));
    expect(error.kind).toBe('not-a-file');
    expect(error.message).toBe('"folder.onnx" is a folder. Name the model file inside it.');
  });

  it('nothing at all', async () => {
    const error = await errorOf(readModel(scratch.path('not there.onnx')));
    expect(error.kind).toBe('not-found');
    expect(error.message).toBe('There is no file "not there.onnx". Check the path.');
  });
});

describe('models that declare more than they have', () => {
  const declared = (tensor: PlainMessage): Uint8Array => encodePlain(linearModel({}, { initializer: [tensor] }));

  it('2 GB by shape in a file of 1 KB', async () => {
    const tensor = { name: 'huge', dims: [512, 1024, 1024], dataType: TYPE.float, rawData: new Uint8Array(700) };
    const { kind, message } = await refusalOf('huge.onnx', declared(tensor));
    expect(kind).toBe('malformed');
    expect(message).toContain('should have 2147483648 bytes by its shape, the file has 700');
  });

  it('2 GB by length in a file of 1 KB', async () => {
    const bytes = Buffer.from(declared({ name: 'w', dims: [200], dataType: TYPE.float, rawData: new Uint8Array(800) }));
    const length = bytes.indexOf(Uint8Array.of(0x4a, 0xa0, 0x06));
    expect(length).toBeGreaterThan(0);
    const grown = Buffer.concat([bytes.subarray(0, length), Uint8Array.of(0x4a, 0x80, 0x80, 0x80, 0x80, 0x08)]);
    const { kind } = await refusalOf('long.onnx', grown);
    expect(['truncated', 'malformed']).toContain(kind);
  });

  it.each([
    ['negative', [-4, 4]],
    ['beyond all numbers', ['9223372036854775807', '9223372036854775807']],
    ['of 300 dimensions', new Array<number>(300).fill(1)],
  ])('a shape %s', async (_, dims) => {
    const { kind } = await refusalOf('shape.onnx', declared({ name: 'w', dims, dataType: TYPE.float }));
    expect(kind).toBe('malformed');
  });

  it('an element type of the future', async () => {
    const { kind } = await refusalOf('type.onnx', declared({ name: 'w', dims: [1], dataType: 77 }));
    expect(kind).toBe('unsupported');
  });

  it('one segment of a weight', async () => {
    const tensor = { ...floatTensor('w', 4), dims: [8], segment: { begin: 0, end: 4 } };
    expect((await refusalOf('segment.onnx', declared(tensor))).message).toContain('segment');
  });

  it('fewer varints than its shape', async () => {
    const tensor = { name: 'w', dims: [5000], dataType: TYPE.int32, int32Data: new Array<number>(4000).fill(1) };
    expect((await refusalOf('varints.onnx', declared(tensor))).kind).toBe('malformed');
  });
});

describe('graphs that lead nowhere', () => {
  it('reads and writes a cycle as it stands', async () => {
    const node = [
      { opType: 'Add', input: ['image', 'b'], output: ['a'] },
      { opType: 'Add', input: ['a', 'image'], output: ['b'] },
      { opType: 'Relu', input: ['self'], output: ['self'] },
    ];
    const bytes = encodePlain(linearModel({}, { node }));
    const model = await readModel(scratch.write('cycle.onnx', bytes));
    expect(model.graph.nodes).toHaveLength(3);
    expect(Buffer.compare(await encodeOnnx(model), bytes)).toBe(0);
  });

  it('refuses graphs nested without end', async () => {
    let graph: Uint8Array = field(2, new Uint8Array(2000).fill(0x61));
    for (let depth = 0; depth < 80; depth++) graph = field(1, field(5, field(6, graph)));
    const { kind, message } = await refusalOf('deep.onnx', Buffer.concat([Uint8Array.of(8, 8), field(7, graph)]));
    expect(kind).toBe('limit');
    expect(message).toContain('100');
  });

  it('refuses a model of two graphs, and one of none', async () => {
    const one = encodePlain(linearModel());
    expect((await refusalOf('two.onnx', Buffer.concat([one, one]))).message).toContain('more than one graph');
    expect(
      (await refusalOf('none.onnx', encodePlain({ irVersion: 8, opsetImport: [{ version: 17 }] }))).message,
    ).toContain('no graph');
  });

  it('tells a file that was cut behind its graph', async () => {
    const { opsetImport: _, ...cut } = linearModel();
    expect((await refusalOf('cut.onnx', encodePlain(cut))).message).toContain('cut off');
  });
});

/** A field of bytes: deeper messages than the plain encoder makes are put together by hand. */
function field(number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(number * 8 + 2, ...varintBytes(value.byteLength)), value]);
}

it('keeps names as they are, whatever they look like', async () => {
  const name = '<img src=x onerror=alert(1)>\u202e"\n\0';
  const node = [{ name, opType: 'Relu', input: ['image'], output: ['logits'] }];
  const model = await readModel(scratch.write('names.onnx', encodePlain(linearModel({}, { node }))));
  expect(model.graph.nodes[0]?.name).toBe(name);
});

it('keeps sentences short and on one line, whatever is named in them', async () => {
  const name = `line\nbreak ${'x'.repeat(100_000)}`;
  const { message } = await refusalOf(
    'long names.onnx',
    encodePlain(linearModel({}, { initializer: [{ name, dims: [9], dataType: TYPE.float }] })),
  );
  expect(message).not.toContain('\n');
});
