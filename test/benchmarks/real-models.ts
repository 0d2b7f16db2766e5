import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { summarize } from '../../src/core/analysis/summary';
import { openRoles } from '../../src/core/evaluation/data';
import { compareModels, measure } from '../../src/core/evaluation/measure';
import { readModel } from '../../src/core/formats';
import { quietContext } from '../../src/core/progress';
import { recipeFromFlags } from '../../src/core/recipe/from-flags';
import { compressModel } from '../../src/core/recipe/run';
import { describeRuns } from './child';
import { pythonPeer, WITHOUT_PEER } from './peers';
import { magikaFiles, magikaTypes } from './real-data/magika-files';

const CALIBRATION = 128;

/**
 * Magika, which tells 214 types of files apart, on the files of this repository and of `node_modules` by extension:
 * static int8 and int8 weights beside what `quantize_static` makes with the same samples.
 */
export default async function realModels(report: (line: string) => void): Promise<void> {
  const models = path.resolve('..', 'shared', 'models');
  const source = path.join(models, 'magika', 'model.onnx');
  if (!existsSync(source)) {
    report('Not run: ../shared/models is not here.');
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'edgewise real models '));
  try {
    const types = magikaTypes(path.join(models, 'magika', 'config.min.json'));
    const data = magikaFiles(['src', 'test', 'scripts', 'docs', 'media', 'node_modules'], types);
    writeFileSync(path.join(folder, 'files.npz'), data.npz);
    report(`magika: ${data.count} files, ${CALIBRATION} for calibration`);
    for (const to of ['int8-weights', 'int8']) await ours(source, folder, to, report);
    await python(source, folder, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ours(source: string, folder: string, to: string, report: (line: string) => void): Promise<void> {
  const recipe = recipeFromFlags({ to, data: 'files.npz', samples: String(CALIBRATION) });
  const output = path.join(folder, `magika.${to}.onnx`);
  const begin = performance.now();
  const outcome = await compressModel({ model: source, recipe, base: folder, output }, quietContext());
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  report(`  edgewise ${to}, all of it with measuring: ${seconds} s. ${outcome.report.verdict}`);
}

async function python(source: string, folder: string, report: (line: string) => void): Promise<void> {
  const quantize = pythonPeer('quantize_static');
  if (quantize === null) {
    report(WITHOUT_PEER);
    return;
  }
  const target = path.join(folder, 'python.onnx');
  const run = quantize(source, target, path.join(folder, 'files.npz'), String(CALIBRATION));
  const scales = run.facts['perChannel'] === 1 ? 'per channel' : 'per tensor (per channel fails)';
  report(`  ${describeRuns(`quantize_static, ${scales}`, [run])}: ${(statSync(target).size / 1000).toFixed(0)} KB`);
  const original = await readModel(source);
  const { inputs } = summarize(original);
  const roles = await openRoles({ all: 'files.npz' }, folder, inputs, { calibrationSamples: CALIBRATION });
  try {
    const request = { test: roles.test, context: quietContext(), latency: false };
    const { measurement } = await measure(target, { ...request, facts: summarize(await readModel(target)) });
    const latency = await compareModels(source, target, request);
    const ratio =
      latency === null ? '' : ` ${(latency.after.median / latency.before.median).toFixed(2)} times float32's latency`;
    report(`    accuracy ${(100 * (measurement.value ?? NaN)).toFixed(2)} %,${ratio}`);
  } finally {
    await roles.close();
  }
}
