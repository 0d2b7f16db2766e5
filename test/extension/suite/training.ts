import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import * as vscode from 'vscode';
import { reportSchema } from '../../../src/core/evaluation/report.schema';
import type { CompressOutcome } from '../../../src/protocol/engine';
import { activeCustomEditor, extension, file, names, onDisk, until } from './workspace';

const RECIPE = 'digits.edgewise.yaml';

/** Few of the samples: the flow is looked at, not what is learned. */
const input = { name: 'image', layout: 'NCHW', channels: 'gray', scale: 1 / 255 };
const data = {
  ...{ train: { path: 'data/train.npz', limit: 1200 }, calibration: { path: 'data/calibration.npz', limit: 50 } },
  ...{ test: { path: 'data/test.npz', limit: 200 }, input },
};

const train = (given: object): Thenable<CompressOutcome | undefined> =>
  vscode.commands.executeCommand('edgewise.trainQuantized', file('digits.onnx'), { data, ...given });

const tabIsOpen = (): boolean =>
  vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label === 'Training digits.onnx'));

export function defineTraining(): void {
  describe('training', () => {
    it('writes a recipe that says all, shows its tab, and ends with model and report', async () => {
      const work = train({ precision: 'int8', epochs: 1 });
      await until(tabIsOpen);
      const outcome = await work;
      const text = readFileSync(file(RECIPE).fsPath, 'utf8');
      assert.match(text, /^# Edgewise: Train Quantized digits\.onnx\./);
      assert.match(text, /model: digits\.onnx/);
      assert.match(text, /weights: int8\n\s+activations: uint8/);
      assert.match(text, /epochs: 1\n\s+batch: 128\n\s+optimizer: adamw/);
      assert.ok(outcome?.outputPath && outcome.reportPath);
      const report = reportSchema.parse(JSON.parse(readFileSync(outcome.reportPath, 'utf8')));
      assert.equal(report.training?.ended, 'finished');
      assert.equal(report.after.samples, 200);
      await until(() => activeCustomEditor()?.viewType === 'edgewise.report');
      rmSync(outcome.outputPath);
      rmSync(outcome.reportPath);
    });

    it('that is cancelled leaves no model, and the recipe to go on with', async () => {
      const { engine, output } = await extension().exports.features();
      const stopping = new AbortController();
      const before = names();
      const work = train({ precision: 'int4', epochs: 500, signal: stopping.signal });
      await until(async () => (await engine.pids()).jobs.length > 0);
      stopping.abort();
      assert.equal(await work, undefined);
      assert.notEqual(output.lastError?.kind, 'cancelled');
      assert.ok(onDisk('digits-2.edgewise.yaml'));
      const left = names().filter((name) => !before.includes(name));
      assert.deepEqual(left, ['digits-2.edgewise.yaml']);
      rmSync(file('digits-2.edgewise.yaml').fsPath);
    });

    it('whose engine is killed says so', async () => {
      const { engine, output } = await extension().exports.features();
      const work = train({ precision: 'int4', epochs: 500 });
      const { jobs } = await until(async () => {
        const pids = await engine.pids();
        return pids.jobs.length > 0 ? pids : null;
      });
      for (const pid of jobs) process.kill(pid, 'SIGKILL');
      assert.equal(await work, undefined);
      assert.equal(output.lastError?.kind, 'engine');
      assert.match(output.lastError.message, /digits\.onnx/);
      rmSync(file('digits-2.edgewise.yaml').fsPath);
      rmSync(file(RECIPE).fsPath);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });
  });
}
