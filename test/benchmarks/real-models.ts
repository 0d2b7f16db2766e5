import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { summarize } from '../../src/core/analysis/summary';
import { EdgewiseError } from '../../src/core/errors';
import { openRoles, type DataSet } from '../../src/core/evaluation/data';
import type { Measurement } from '../../src/core/evaluation/measurement.schema';
import { readModel } from '../../src/core/formats';
import { quietContext } from '../../src/core/progress';
import { compareWithOriginal, measureOriginal } from '../../src/core/recipe/measured-models';
import type { DataSection } from '../../src/core/recipe/recipe.schema';
import { compressModel } from '../../src/core/recipe/run';
import { stepOf } from '../../src/core/recipe/targets';
import { npz, type ArrayParts } from '../core/data/files';
import { describeRuns } from './child';
import { pythonPeer, WITHOUT_PEER } from './peers';
import { basicPitch } from './real-models/basic-pitch';
import { magika } from './real-models/magika';
import { sileroVad } from './real-models/silero-vad';
import type { Subject } from './real-models/subject';
import { textRecognition } from './real-models/text-recognition';

/** One more model is one file and one line here. */
const SUBJECTS: readonly Subject[] = [textRecognition, magika, sileroVad, basicPitch];

const KINDS = ['int8-weights', 'int8'] as const;

interface Work {
  readonly subject: Subject;
  readonly source: string;
  readonly folder: string;
  readonly data: DataSection;
  readonly report: (line: string) => void;
}

/**
 * Real networks on data that the benchmark makes: accuracy or agreement, size and speed of int8 weights and of static
 * int8, beside what `quantize_static` makes with the same calibration samples.
 */
export default async function realModels(report: (line: string) => void): Promise<void> {
  const wanted = process.env['EDGEWISE_BENCHMARK_MODELS']?.split(',');
  for (const subject of SUBJECTS) {
    if (wanted !== undefined && !wanted.includes(subject.name)) continue;
    const source = path.resolve(subject.model);
    if (!existsSync(source)) {
      report(`${subject.name}: not run, its model is not here; it ${subject.origin}.`);
      continue;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'edgewise real models '));
    try {
      const prepared = await subject.prepare(folder);
      if (prepared === null) {
        report(`${subject.name}: not run, its data need a Chromium or Chrome.`);
        continue;
      }
      report(`${subject.name}: ${prepared.said}; ${subject.calibration} for calibration`);
      const work = { subject, source, folder, data: prepared.data, report };
      for (const kind of KINDS) await ours(work, kind);
      await python(work);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function ours({ subject, source, folder, data, report }: Work, kind: (typeof KINDS)[number]): Promise<void> {
  const step = { ...stepOf(kind), samples: subject.calibration };
  const output = path.join(folder, `${kind}.onnx`);
  const request = { model: source, recipe: { version: 1 as const, data, steps: [{ quantize: step }] }, base: folder };
  const begin = performance.now();
  try {
    const { report: made } = await compressModel({ ...request, output }, quietContext());
    report(`  edgewise ${kind}: ${made.verdict}`);
    report(`    ${described(made.before, made.after)}; all with measuring ${elapsed(begin)}`);
    if (subject.compare) report(`    ${await subject.compare(source, output)}`);
  } catch (error) {
    if (!EdgewiseError.is(error)) throw error;
    report(`  edgewise ${kind}: ${error.message}`);
  }
}

async function python({ subject, source, folder, data, report }: Work): Promise<void> {
  const quantize = pythonPeer('quantize_static');
  if (quantize === null) return report(WITHOUT_PEER);
  const facts = summarize(await readModel(source));
  const roles = await openRoles(data, folder, facts.inputs, { calibrationSamples: subject.calibration });
  try {
    const samples = path.join(folder, 'calibration.npz');
    writeFileSync(samples, await calibrationArrays(roles.calibration));
    const target = path.join(folder, 'python.onnx');
    let run;
    try {
      run = quantize(source, target, samples);
    } catch {
      return report('  quantize_static fails on this model.');
    }
    const scales = run.facts['perChannel'] === 1 ? 'per channel' : 'per tensor (per channel fails)';
    report(`  ${describeRuns(`quantize_static, ${scales}`, [run])}: ${kilobytes(statSync(target).size)}`);
    const original = await measureOriginal(source, facts, roles.test, quietContext(), null);
    const result = { file: target, facts: summarize(await readModel(target)) };
    const { before, after } = await compareWithOriginal(source, original, result, roles.test, quietContext());
    report(`    ${described(before, after)}`);
    if (subject.compare) report(`    ${await subject.compare(source, target)}`);
  } catch (error) {
    if (!EdgewiseError.is(error)) throw error;
    report(`    ${error.message}`);
  } finally {
    await roles.close();
  }
}

/** The calibration samples as the model takes them; what is the same for each as `constant_NAME`. */
async function calibrationArrays(set: DataSet | null): Promise<Uint8Array> {
  const indices = Array.from({ length: set?.length ?? 0 }, (_, index) => index);
  const all = (await set?.batch(indices))?.inputs ?? {};
  const one = (await set?.batch([0]))?.inputs ?? {};
  const arrays: [string, ArrayParts][] = [];
  for (const [name, tensor] of Object.entries(all)) {
    const isSampled = set?.inputs[name] !== undefined;
    const { shape, data } = isSampled ? tensor : (one[name] ?? tensor);
    if (data instanceof Float32Array || data instanceof Int32Array || data instanceof BigInt64Array)
      arrays.push([isSampled ? name : `constant_${name}`, { shape: [...shape], values: data }]);
  }
  return npz(Object.fromEntries(arrays));
}

/** "accuracy 0.9712 (was 0.9801), …; 3,012 KB of 10,822 KB, 1.62 times float32's latency" */
function described(before: Measurement, after: Measurement): string {
  const figures = [`${after.metric ?? 'nothing judged'} ${figure(after.value)}${was(before.value)}`];
  for (const { name, value } of after.metrics ?? []) {
    const other = before.metrics?.find((one) => one.name === name);
    figures.push(`${name} ${figure(value)}${was(other?.value ?? null)}`);
  }
  const ratio = before.latencyMs && after.latencyMs ? after.latencyMs.median / before.latencyMs.median : null;
  const speed = ratio === null ? '' : `, ${ratio.toFixed(2)} times float32's latency`;
  return `${figures.join(', ')}; ${kilobytes(after.bytes)} of ${kilobytes(before.bytes)}${speed}`;
}

const figure = (value: number | null): string => (value === null ? '-' : value.toPrecision(4));
const was = (value: number | null): string => (value === null ? '' : ` (float ${figure(value)})`);
const elapsed = (begin: number): string => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} KB`;
