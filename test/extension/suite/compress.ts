import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { reportSchema } from '../../../src/core/evaluation/report.schema';
import type { CompressOutcome } from '../../../src/protocol/engine';
import { activeCustomEditor, extension, file, names, onDisk, until } from './workspace';

const hash = (name: string): string =>
  createHash('sha256')
    .update(readFileSync(file(name).fsPath))
    .digest('hex');

const compress = (given: unknown): Thenable<CompressOutcome | undefined> =>
  vscode.commands.executeCommand('edgewise.compress', file('digits.onnx'), given);

export function defineCompress(): void {
  describe('compressing', () => {
    it('by the command of the menu writes a new model and a report, which opens', async () => {
      const original = hash('digits.onnx');
      await compress({ choice: 'int8' });
      assert.ok(onDisk('digits.int8.onnx'));
      const report = reportSchema.parse(JSON.parse(readFileSync(file('digits.int8.edgewise.json').fsPath, 'utf8')));
      assert.equal(report.output, 'digits.int8.onnx');
      assert.equal(report.before.metric, 'accuracy');
      assert.ok((report.before.value ?? 0) >= 0.98 && (report.after.value ?? 0) >= 0.97);
      assert.ok(report.after.bytes < report.before.bytes / 3);
      assert.equal(report.before.samples, 2500);
      await until(() => activeCustomEditor()?.viewType === 'edgewise.report');
      assert.equal(hash('digits.onnx'), original);
    });

    it('again gives the result a name of its own', async () => {
      const first = hash('digits.int8.onnx');
      const outcome = await compress({ choice: 'int8' });
      assert.match(outcome?.outputPath ?? '', /digits\.int8-2\.onnx$/);
      assert.equal(hash('digits.int8.onnx'), first);
    });

    it('that is cancelled leaves no file', async () => {
      const before = names();
      const stopping = new AbortController();
      const { engine, output } = await extension().exports.features();
      const work = compress({ choice: 'int8', signal: stopping.signal });
      await until(async () => (await engine.pids()).jobs.length > 0);
      stopping.abort();
      assert.equal(await work, undefined);
      await until(async () => (await engine.pids()).jobs.length === 0);
      await until(() => names().length === before.length);
      assert.deepEqual(names(), before);
      assert.notEqual(output.lastError?.kind, 'cancelled');
    });

    it('that is cancelled before it began starts no engine', async () => {
      const before = names();
      assert.equal(await compress({ choice: 'int8', signal: AbortSignal.abort() }), undefined);
      assert.deepEqual(names(), before);
    });

    it('whose engine is killed says so, leaves no file, and works the next time', async () => {
      const before = names();
      const { engine, output } = await extension().exports.features();
      const work = compress({ choice: 'float16' });
      const { jobs } = await until(async () => {
        const pids = await engine.pids();
        return pids.jobs.length > 0 ? pids : null;
      });
      for (const pid of jobs) process.kill(pid, 'SIGKILL');
      assert.equal(await work, undefined);
      assert.equal(output.lastError?.kind, 'engine');
      await until(() => names().length === before.length);
      assert.deepEqual(names(), before);
      assert.match((await compress({ choice: 'float16' }))?.outputPath ?? '', /digits\.float16.*\.onnx$/);
    });
  });

  describe('a report', () => {
    it('is exported as one HTML file', async () => {
      await vscode.commands.executeCommand(
        'edgewise.exportReport',
        file('digits.int8.edgewise.json'),
        file('out.html'),
      );
      const html = readFileSync(file('out.html').fsPath, 'utf8');
      assert.match(html, /Content-Security-Policy/);
      assert.doesNotMatch(html, /(src|href)="http/);
    });
  });
}
