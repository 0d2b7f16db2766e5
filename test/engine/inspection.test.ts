import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LayerStatistics } from '../../src/core/analysis/statistics.schema';
import { digits } from './engine-bundle';
import { errorOf, hashOf, inspectionPid, useEngine } from './engine-session';
import { INT8, INT8_WEIGHTS, requestFor } from './recipes';

const session = useEngine();

describe('the inspection engine', () => {
  it('streams statistics of every weighted layer, those asked for first', async () => {
    const { client, model } = session;
    const received: LayerStatistics[] = [];
    const params = { model, first: ['fc2'] };
    const { layers } = await client.inspect('statistics', params, { onProgress: (batch) => received.push(...batch) });
    expect(layers).toBe(6);
    expect(received.map(({ layer }) => layer)).toEqual(['fc2', 'conv1', 'conv2', 'conv3', 'conv4', 'fc1']);
  });

  it('is one process for requests that come together', async () => {
    const { client, model, log } = session;
    const all = await Promise.all([1, 2, 3].map(() => client.inspect('statistics', { model, first: [] })));
    expect(all.map(({ layers }) => layers)).toEqual([6, 6, 6]);
    const pid = await inspectionPid(client);
    client.dispose();
    await expect.poll(() => log).toEqual([`engine ${pid} is no longer needed`]);
  });

  it.runIf(process.platform === 'linux')('never loads ONNX Runtime', async () => {
    const { client, model, folder } = session;
    await client.inspect('statistics', { model, first: [] });
    await client.inspect('readRecipe', { file: path.join(digits, 'edgewise.yaml') });
    await client.inspect('commandLine', { model, recipe: INT8, base: folder });
    const maps = readFileSync(`/proc/${await inspectionPid(client)}/maps`, 'utf8');
    expect(maps).toContain('node');
    expect(maps).not.toMatch(/onnxruntime/i);
  });

  it('answers what is wrong with a file in a sentence, and lives', async () => {
    const { client, model, folder } = session;
    const error = await errorOf(client.inspect('statistics', { model: path.join(folder, 'none.onnx'), first: [] }));
    expect(error.kind).toBe('not-found');
    expect(error.message).toContain('none.onnx');
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
  });

  it('answers a request that makes no sense, and lives', async () => {
    const { client, model } = session;
    const params = JSON.parse('{"model": 7, "first": []}') as { model: string; first: string[] };
    const error = await errorOf(client.inspect('statistics', params));
    expect(error.kind).toBe('usage');
    expect(error.message).toContain('"statistics" is not as it must be at "model"');
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
  });

  it('stops statistics that are no longer wanted', async () => {
    const { client, model } = session;
    const stopping = new AbortController();
    stopping.abort();
    const error = await errorOf(client.inspect('statistics', { model, first: [] }, { signal: stopping.signal }));
    expect(error.kind).toBe('cancelled');
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
  });

  it('reads recipes', async () => {
    const { recipe, base } = await session.client.inspect('readRecipe', { file: path.join(digits, 'edgewise.yaml') });
    expect(base).toBe(digits);
    expect(recipe).toMatchObject({ model: 'digits.onnx', target: { maxDrop: 0.5 }, steps: [{ quantize: {} }] });
  });

  it('says the command line that does the same', async () => {
    const { client, model, folder } = session;
    const plain = await client.inspect('commandLine', { model, recipe: INT8, base: folder });
    expect(plain.command).toBe(
      'edgewise compress digits.onnx --to int8 --calibration data/calibration.npz --test data/test.npz --samples 500',
    );
    const recipeFile = path.join(folder, 'edgewise.yaml');
    const byFile = await client.inspect('commandLine', { model, recipe: INT8, base: folder, recipeFile });
    expect(byFile.command).toBe('edgewise compress digits.onnx --recipe edgewise.yaml');
  });

  it('writes a report as one HTML file', async () => {
    const { client, model, folder } = session;
    const { reportPath } = await client.run('compress', requestFor(model, INT8_WEIGHTS));
    const output = path.join(folder, 'for a mail.html');
    const before = hashOf(reportPath ?? '');
    await client.inspect('exportReport', { report: reportPath ?? '', output });
    const html = readFileSync(output, 'utf8');
    expect(html).toContain('<title>digits.int8-weights.onnx: Edgewise report</title>');
    expect(html).toContain("default-src 'none'");
    expect(hashOf(reportPath ?? '')).toBe(before);
  });

  it('says which file is no report', async () => {
    const { client, model, folder } = session;
    const output = path.join(folder, 'none.html');
    const error = await errorOf(client.inspect('exportReport', { report: model, output }));
    expect(error.message).toContain('digits.onnx');
    expect(existsSync(output)).toBe(false);
  });
});
