import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/core/version';
import { checkout } from './engine-bundle';
import { errorOf, inspectionPid, isAlive, until, useEngine } from './engine-session';

const session = useEngine();

describe('an inspection engine that is killed', () => {
  it('says so, and is started again by the next request', async () => {
    const { client, model } = session;
    await client.inspect('statistics', { model, first: [] });
    const before = await inspectionPid(client);
    const doomed = client.inspect('statistics', { model, first: [] });
    process.kill(before, 'SIGKILL');
    const error = await errorOf(doomed);
    expect(error.kind).toBe('engine');
    expect(error.message).toBe(
      'The engine stopped unexpectedly at its work on digits.onnx (SIGKILL). Nothing was written. Try again; the Edgewise output has details.',
    );
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
    expect(await inspectionPid(client)).not.toBe(before);
  });

  it('is started once by requests that come together', async () => {
    const { client, model } = session;
    await client.inspect('statistics', { model, first: [] });
    process.kill(await inspectionPid(client), 'SIGKILL');
    await until(async () => (await client.pids()).inspection === null);
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => client.inspect('statistics', { model, first: [] })));
    // Six requests after one end are not six ends.
    expect((await client.inspect('statistics', { model, first: [] })).layers).toBe(6);
  });

  it('again and again is not started any more, and that is said', async () => {
    const { client, model } = session;
    for (let crash = 0; crash < 5; crash++) {
      await client.inspect('statistics', { model, first: [] });
      process.kill(await inspectionPid(client), 'SIGKILL');
      await until(async () => (await client.pids()).inspection === null);
    }
    const error = await errorOf(client.inspect('statistics', { model, first: [] }));
    expect(error.kind).toBe('engine');
    expect(error.message).toMatch(/stopped 5 times .* is not started again/);
    expect((await client.pids()).inspection).toBeNull();
  });
});

describe('an engine that does not start', () => {
  it('says so, and leaves what it wrote in the log', async () => {
    const { another, folder, model, log } = session;
    const entry = path.join(folder, 'broken.cjs');
    writeFileSync(entry, 'throw new Error("no such thing");');
    const error = await errorOf(another({ entry }).inspect('statistics', { model, first: [] }));
    expect(error.kind).toBe('engine');
    expect(error.message).toMatch(/stopped unexpectedly at its work \(exit code 1\)/);
    expect(log.join('\n')).toContain('no such thing');
  });

  it('is not started for ever', async () => {
    const { another, folder, model } = session;
    const client = another({ entry: path.join(folder, 'missing.cjs') });
    for (let attempt = 0; attempt < 5; attempt++) await errorOf(client.inspect('statistics', { model, first: [] }));
    const error = await errorOf(client.inspect('statistics', { model, first: [] }));
    expect(error.message).toMatch(/is not started again/);
  });

  it('may be cancelled although it never answers', async () => {
    const { another, folder, model } = session;
    const entry = path.join(folder, 'silent.cjs');
    writeFileSync(entry, 'setInterval(() => {}, 1000);');
    const client = another({ entry });
    const data = { all: 'digits.npz' };
    const error = await errorOf(
      client.run('checkData', { model, data, base: folder }, { signal: AbortSignal.timeout(100) }),
    );
    expect(error.kind).toBe('cancelled');
  });
});

describe('an engine of another version', () => {
  it('is refused, and ended', async () => {
    const { another, model, log } = session;
    const error = await errorOf(another({ version: '0.0.0-other' }).inspect('statistics', { model, first: [] }));
    expect(error.kind).toBe('engine');
    expect(error.message).toBe(
      `The engine is of another version (${VERSION}) than the extension (0.0.0-other). Install Edgewise again, then reload the window.`,
    );
    await until(() => log.some((line) => line.endsWith('is no longer needed')));
  });
});

describe('an engine whose parent is killed', () => {
  it('ends', async () => {
    const { entry, folder } = session;
    const script = path.join(folder, 'parent.cjs');
    const pidFile = path.join(folder, 'pid');
    const text = `const child = require('node:child_process').fork(${JSON.stringify(entry)}, [], { stdio: 'ignore' });
      require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid)); setInterval(() => {}, 1000);`;
    writeFileSync(script, text);
    const parent = spawn(process.execPath, [script], { stdio: 'ignore', cwd: checkout });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const engine = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(engine)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(engine));
  });
});
