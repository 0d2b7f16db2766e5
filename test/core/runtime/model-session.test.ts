import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Model } from '../../../src/core/model/model';
import { openSessionOf, type ModelSessionOptions } from '../../../src/core/runtime/model-session';
import { model, node, smallNetwork } from '../compression/models';
import { random, tensor } from '../quantization/networks';

const given = model(smallNetwork(random));
const feeds = { x: tensor([2, 8, 6, 6], random(2 * 288, 9)) };
/** So that every model goes by way of a file. */
const BY_FILE: ModelSessionOptions = { mostInMemory: 0 };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'edgewise-session-'));
  vi.stubEnv('TMPDIR', folder);
  vi.stubEnv('TEMP', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Every file that lies in the folder for temporary ones. */
const files = (): string[] => readdirSync(folder, { recursive: true }).map(String);

async function answer(network: Model, options: ModelSessionOptions): Promise<Float32Array> {
  const session = await openSessionOf(network, options);
  try {
    const { y } = await session.run(feeds);
    return Float32Array.from(y?.data ?? [], Number);
  } finally {
    await session.close();
  }
}

describe('a session on a graph that lies in no file', () => {
  it('answers the same from memory and from a file', async () => {
    expect(await answer(given, BY_FILE)).toEqual(await answer(given, {}));
  });

  it('leaves no file for small models, and weights in a file of their own for large ones', async () => {
    const small = await openSessionOf(given);
    expect(files()).toEqual([]);
    await small.close();
    const large = await openSessionOf(given, BY_FILE);
    expect(files().filter((file) => file.endsWith('.data'))).toHaveLength(1);
    await large.close();
  });

  it('removes the file once it is closed', async () => {
    await answer(given, BY_FILE);
    expect(files()).toEqual([]);
  });

  it('removes the file when the runtime does not load it, and names the model as the caller does', async () => {
    const nodes = [...given.graph.nodes, node('NoSuchOperator', ['y'], ['z'])];
    const broken = { ...given, graph: { ...given.graph, nodes } };
    const opened = openSessionOf(broken, { ...BY_FILE, name: '"digits.onnx"' });
    await expect(opened).rejects.toMatchObject({ kind: 'runtime' });
    await expect(opened).rejects.toThrow('ONNX Runtime cannot load "digits.onnx":');
    expect(files()).toEqual([]);
  });

  it('removes the file when it is cancelled', async () => {
    const cancel = new AbortController();
    cancel.abort();
    const context = { signal: cancel.signal, progress: () => undefined };
    await expect(openSessionOf(given, { ...BY_FILE, context })).rejects.toMatchObject({ kind: 'cancelled' });
    expect(files()).toEqual([]);
  });

  it('says which folder it needs where there is none', async () => {
    vi.stubEnv('TMPDIR', path.join(folder, 'missing'));
    vi.stubEnv('TEMP', path.join(folder, 'missing'));
    await expect(openSessionOf(given, BY_FILE)).rejects.toMatchObject({ kind: 'not-found' });
  });
});
