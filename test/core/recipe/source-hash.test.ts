import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../../src/core/formats/file-source';
import { quietContext } from '../../../src/core/progress';
import { checkUnchanged, hashFiles } from '../../../src/core/recipe/source-hash';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'edgewise-hash-'));
  file = path.join(folder, 'm.onnx');
  await writeFile(file, Buffer.alloc(3_000_001, 7));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the hash of a model', () => {
  it('is what sha256sum prints for its file', async () => {
    const expected = createHash('sha256').update(Buffer.alloc(3_000_001, 7)).digest('hex');
    expect(await hashFiles([file], quietContext())).toBe(expected);
  });

  it('covers the files beside it', async () => {
    const data = path.join(folder, 'm.onnx.data');
    await writeFile(data, 'weights');
    const expected = createHash('sha256').update(Buffer.alloc(3_000_001, 7)).update('weights').digest('hex');
    expect(await hashFiles([file, data], quietContext())).toBe(expected);
  });

  it('stops when the job is cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(hashFiles([file], { signal, progress: () => undefined })).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('an original that changes while it is compressed', () => {
  it('is noticed', async () => {
    const source = await openFile(file);
    await source.close();
    const files = [{ path: file, size: source.size, identity: source.identity }];
    await checkUnchanged(files);
    await writeFile(file, 'other');
    await expect(checkUnchanged(files)).rejects.toThrow(/"m\.onnx" changed while it was being compressed/);
  });
});
