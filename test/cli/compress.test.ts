import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unzipSync } from 'fflate';
import { modelSummarySchema } from '../../src/core/analysis/summary.schema';
import { readReport } from '../../src/core/evaluation/report/read';
import { reportSchema } from '../../src/core/evaluation/report.schema';
import { edgewise, ended, filesIn, prepare, removeWorkspace, start, workspace } from './command-line';
import { npz } from './npz';

let folder: string;
let untouched: string[];
beforeAll(prepare);
beforeEach(async () => {
  folder = await workspace();
  untouched = await filesIn(folder);
});
afterEach(() => removeWorkspace(folder));

const inFolder = (name: string): string => path.join(folder, name);
const sha256 = async (name: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(inFolder(name)))
    .digest('hex');
const QUICK = ['--test', 'data/test.npz:400', '--scale', '1/255'];
const STATIC = [...QUICK, '--calibration', 'data/calibration.npz:100'];

describe('edgewise compress', () => {
  it('writes a smaller model and its report beside the original, which stays as it was', async () => {
    const hash = await sha256('digits.onnx');
    const { code, stdout, stderr } = await edgewise(folder, [
      'compress',
      'digits.onnx',
      '--to',
      'int8-weights',
      ...QUICK,
    ]);
    expect(stderr.split('\n').filter((line) => !/^((Reading|Measuring|Writing|Calibrating) .*)?$/.test(line))).toEqual(
      [],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^3\.\d times smaller, .*accuracy 9\d\.\d+ % .*\(400 images, ±\d\.\d\)\./);
    expect(stdout).toMatch(/Wrote digits\.int8-weights\.onnx\nWrote digits\.int8-weights\.edgewise\.json\n$/);
    expect(await sha256('digits.onnx')).toBe(hash);
    expect(await filesIn(folder)).toEqual(
      [...untouched, 'digits.int8-weights.edgewise.json', 'digits.int8-weights.onnx'].sort(),
    );

    const report = await readReport(inFolder('digits.int8-weights.edgewise.json'));
    expect(report.hashes).toEqual({ source: hash, output: await sha256('digits.int8-weights.onnx') });
    expect(report).toMatchObject({ source: 'digits.onnx', output: 'digits.int8-weights.onnx' });
    expect(report.after.bytes).toBe((await readFile(inFolder('digits.int8-weights.onnx'))).length);
    expect(report.after.samples).toBe(400);
    expect(report.layers.map(({ name }) => name)).toEqual(['conv1', 'conv2', 'conv3', 'conv4', 'fc1', 'fc2']);
    expect(report.command).toBe(
      'edgewise compress digits.onnx --to int8-weights --test data/test.npz:400 --scale 1/255',
    );
  });

  it('carries its provenance, without paths', async () => {
    await edgewise(folder, ['compress', 'digits.onnx', '--to', 'int8-weights', ...QUICK]);
    const { stdout } = await edgewise(folder, ['inspect', 'digits.int8-weights.onnx', '--json']);
    const { metadata } = modelSummarySchema.parse(JSON.parse(stdout));
    expect(metadata['edgewise.source.sha256']).toBe(await sha256('digits.onnx'));
    expect(metadata['edgewise.version']).toMatch(/^\d+\.\d+\.\d+/);
    expect(metadata['edgewise.recipe']).toMatch(/"weights":"int8"/);
    expect(JSON.stringify(metadata)).not.toContain('.npz');
  });

  it('--json prints the report alone, its output as a path that can be opened', async () => {
    const { code, stdout } = await edgewise(folder, ['compress', 'digits.onnx', '--to', 'float16', '--json']);
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.output).toBe(inFolder('digits.float16.onnx'));
    expect(report.after).toMatchObject({ metric: null, value: null, samples: 0 });
    expect(report.after.reason).toBe('Accuracy is not measured: no data was given.');
    expect(report.after.bytes).toBeLessThan(report.before.bytes * 0.52);
  });

  it('the report’s command makes the same model again, under the next free name', async () => {
    await edgewise(folder, ['compress', '--to', 'int8-weights', ...QUICK, '--keep', 'conv1', 'digits.onnx']);
    const { command } = await readReport(inFolder('digits.int8-weights.edgewise.json'));
    const { code } = await edgewise(folder, command.split(' ').slice(1));
    expect(code).toBe(0);
    expect(await sha256('digits.int8-weights-2.onnx')).toBe(await sha256('digits.int8-weights.onnx'));
  });

  it('without labels, tells fidelity', async () => {
    const pixels = unzipSync(await readFile(inFolder('data/test.npz')))['image.npy'] ?? new Uint8Array();
    const bytes = pixels.slice(pixels.length - 100 * 784);
    await writeFile(inFolder('plain.npz'), npz({ image: { shape: [100, 1, 28, 28], bytes } }));
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', 'plain.npz', '--scale', '1/255'];
    const { stdout } = await edgewise(folder, [...words, '--json']);
    const { after, verdict } = reportSchema.parse(JSON.parse(stdout));
    expect(after).toMatchObject({ metric: 'fidelity', samples: 100 });
    expect(verdict).toMatch(/the same answer on .* of 100 images\. Without labels, accuracy is unknown\.$/);
  });

  it('random data prove speed only', async () => {
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', 'random:20', '--json'];
    const { after } = reportSchema.parse(JSON.parse((await edgewise(folder, words)).stdout));
    expect(after.metric).toBeNull();
    expect(after.reason).toMatch(/prove speed only/);
    expect(after.latencyMs?.median).toBeGreaterThan(0);
  });

  it('--html writes one file that refers to nothing outside', async () => {
    const { code } = await edgewise(folder, ['compress', 'digits.onnx', '--to', 'float16', '--html']);
    expect(code).toBe(0);
    const html = await readFile(inFolder('digits.float16.edgewise.html'), 'utf8');
    expect(html).toContain("default-src 'none'");
    const markup = html.replace(/<script>.*<\/script>/s, '');
    expect(markup).not.toMatch(/<[a-z][^<>]*\s(src|href)=|url\((?!["']?data:)|@import/);
  });
});

describe('static int8', () => {
  it('compresses as the recipe in the repository says', async () => {
    const { code, stdout } = await edgewise(folder, ['compress', '--recipe', 'edgewise.yaml', '--json']);
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.command).toBe('edgewise compress digits.onnx --recipe edgewise.yaml');
    expect(report.before.value).toBeGreaterThan(0.98);
    expect(report.before.samples).toBe(2500);
    expect(report.after.value).toBeGreaterThan((report.before.value ?? 1) - 0.005);
    expect(report.after.bytes * 3).toBeLessThan(report.before.bytes);
    expect(report.target).toEqual({ maxDrop: 0.5, met: true });
    expect(report.data.map(({ role, source }) => [role, source])).toEqual([
      ['calibration', 'data/calibration.npz'],
      ['test', 'data/test.npz'],
    ]);
  });

  it('nothing is chosen on the test labels: poisoned ones give the same bytes', async () => {
    const words = ['compress', 'digits.onnx', '--to', 'int8', ...STATIC];
    expect((await edgewise(folder, words)).code).toBe(0);
    const honest = await sha256('digits.int8.onnx');
    const { 'image.npy': images = new Uint8Array(), 'labels.npy': labels = new Uint8Array() } = unzipSync(
      await readFile(inFolder('data/test.npz')),
    );
    const truth = labels.slice(labels.length - 2500);
    // A third are wrong: enough to be seen, not enough to be taken for broken data.
    const poisoned = truth.map((label, index) => (index % 3 === 0 ? (label + 1) % 10 : label));
    await writeFile(
      inFolder('data/test.npz'),
      npz({
        image: { shape: [2500, 1, 28, 28], bytes: images.slice(images.length - 2500 * 784) },
        labels: { shape: [2500], bytes: poisoned },
      }),
    );
    expect((await edgewise(folder, [...words, '--overwrite'])).code).toBe(0);
    const { before } = await readReport(inFolder('digits.int8.edgewise.json'));
    expect(before.value).toBeLessThan(0.8);
    expect(await sha256('digits.int8.onnx')).toBe(honest);
  });

  it('without data, is refused with what to give', async () => {
    const { code, stdout, stderr } = await edgewise(folder, ['compress', 'digits.onnx', '--to', 'int8']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^Quantizing activations of digits\.onnx needs samples.*--calibration.*--to int8-weights.*\.\n$/,
    );
    expect(await filesIn(folder)).toEqual(untouched);
  });
});

describe('what is there already', () => {
  it('is not overwritten: an existing output is refused', async () => {
    await writeFile(inFolder('small.onnx'), 'mine');
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--output', 'small.onnx'];
    const { code, stdout, stderr } = await edgewise(folder, words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^"small\.onnx" is already there\..*--overwrite/);
    expect(await readFile(inFolder('small.onnx'), 'utf8')).toBe('mine');
    expect((await edgewise(folder, [...words, '--overwrite'])).code).toBe(0);
    expect((await edgewise(folder, ['inspect', 'small.onnx'])).code).toBe(0);
  });

  it('a report of that name is refused, too', async () => {
    await writeFile(inFolder('small.edgewise.json'), 'mine');
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--output', 'small.onnx'];
    expect((await edgewise(folder, words)).code).toBe(1);
    expect(await readFile(inFolder('small.edgewise.json'), 'utf8')).toBe('mine');
    expect(await filesIn(folder)).toEqual([...untouched, 'small.edgewise.json'].sort());
  });

  it('the original itself is never the output', async () => {
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--output', './digits.onnx', '--overwrite'];
    const { code, stderr } = await edgewise(folder, words);
    expect(code).toBe(2);
    expect(stderr).toMatch(/original model, which is never overwritten/);
  });

  it('a model compressed already is recognised', async () => {
    await edgewise(folder, ['compress', 'digits.onnx', '--to', 'int8-weights']);
    const again = await edgewise(folder, ['compress', 'digits.int8-weights.onnx', '--to', 'int8-weights']);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/"digits\.int8-weights\.onnx" is quantized already .*made by Edgewise.*\n$/);
  });
});

describe('a target that is missed', () => {
  const MISSED = ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', 'blends.npz', '--scale', '1/255'];
  const PAIRS = 60;
  const STEPS = 20;
  const PIXELS = 784;

  /** Pictures half one digit and half another, where the smallest change of a weight changes the answer. */
  beforeEach(async () => {
    const { 'image.npy': array = new Uint8Array() } = unzipSync(await readFile(inFolder('data/test.npz')));
    const images = array.subarray(array.length - 2500 * PIXELS);
    const blends = new Uint8Array(PAIRS * STEPS * PIXELS);
    for (let index = 0; index < blends.length; index++) {
      const [sample, pixel] = [Math.floor(index / PIXELS), index % PIXELS];
      const [pair, share] = [Math.floor(sample / STEPS), 0.35 + (0.3 * (sample % STEPS)) / STEPS];
      const [one = 0, other = 0] = [2 * pair, 2 * pair + 1].map((picture) => images[picture * PIXELS + pixel] ?? 0);
      blends[index] = one * share + other * (1 - share);
    }
    await writeFile(inFolder('blends.npz'), npz({ image: { shape: [PAIRS * STEPS, 1, 28, 28], bytes: blends } }));
  });

  it('leaves no file, says so, and exits with 3', async () => {
    untouched = await filesIn(folder);
    const { code, stdout, stderr } = await edgewise(folder, [...MISSED, '--max-drop', '0', '--json']);
    expect(code).toBe(3);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ output: null, hashes: { output: null }, target: { maxDrop: 0, met: false } });
    expect(stderr).toMatch(
      /More than 0 points of agreement with the original were lost \([\d.]+\), so no file was kept\. Use --force to keep it\.\n$/,
    );
    expect(await filesIn(folder)).toEqual(untouched);
  });

  it('keeps the file with --force', async () => {
    const { code } = await edgewise(folder, [...MISSED, '--max-drop', '0', '--force']);
    expect(code).toBe(3);
    expect(await filesIn(folder)).toContain('digits.int8-weights.onnx');
  });

  it('of accuracy that was not measured is told as that', async () => {
    const words = ['compress', 'digits.onnx', '--to', 'int8-weights', '--data', 'random:40', '--max-drop', '1'];
    const { code, stdout, stderr } = await edgewise(folder, words);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /Accuracy was not measured, and a limit of 1 point is not known to be met, so no file was kept/,
    );
    // Weights alone need no calibration, so none is claimed.
    expect(stdout).not.toMatch(/Calibrated on/);
  });

  it('needs data to be measured on', async () => {
    const { code, stderr } = await edgewise(folder, ['compress', 'digits.onnx', '--to', 'float16', '--max-drop', '1']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/needs data to measure it on/);
  });
});

describe('Ctrl+C', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('%s mid-way leaves nothing', async (signal) => {
    const child = start(folder, [
      'compress',
      'digits.onnx',
      '--to',
      'int8-weights',
      '--test',
      'data/test.npz',
      '--scale',
      '1/255',
    ]);
    child.stderr?.once('data', () => child.kill(signal));
    const { code, stdout, stderr } = await ended(child);
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Cancelled\. Nothing was written\.\n$/);
    expect(await filesIn(folder)).toEqual(untouched);
  });

  it('a process that is killed leaves nothing under a final name', async () => {
    const child = start(folder, [
      'compress',
      'digits.onnx',
      '--to',
      'int8-weights',
      '--test',
      'data/test.npz',
      '--scale',
      '1/255',
    ]);
    child.stderr?.once('data', () => child.kill('SIGKILL'));
    await ended(child);
    const left = (await filesIn(folder)).filter((name) => !untouched.includes(name));
    expect(left.filter((name) => !name.startsWith('.edgewise-'))).toEqual([]);
    // What it left is gone after the next run.
    await edgewise(folder, ['compress', 'digits.onnx', '--to', 'float16']);
    expect((await filesIn(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('data that cannot be right', () => {
  it('stop the work with what to check: forgotten normalization', async () => {
    const shifted = ['compress', 'digits.onnx', '--to', 'int8-weights', '--test', 'data/test.npz:400', '--mean', '50'];
    const { code, stderr } = await edgewise(folder, shifted);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Accuracy of digits\.onnx before compression is \d+\.\d %.*wrong normalization or labels\?.*\n$/,
    );
    expect(await filesIn(folder)).toEqual(untouched);
  });

  it.each([
    ['that are missing', 'none.npz', /none\.npz/],
    ['that are something else', 'edgewise.onnx', /edgewise\.onnx/],
    ['that are broken', 'broken.npz', /broken\.npz/],
  ])('%s get a sentence with the file', async (_what, name, sentence) => {
    await writeFile(inFolder('broken.npz'), (await readFile(inFolder('data/test.npz'))).subarray(0, 5000));
    const before = await filesIn(folder);
    const { code, stdout, stderr } = await edgewise(folder, [
      'compress',
      'digits.onnx',
      '--to',
      'int8',
      '--data',
      name,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(await filesIn(folder)).toEqual(before);
  });
});

describe('a recipe', () => {
  it('with a mistake is refused with its line', async () => {
    await writeFile(inFolder('bad.yaml'), 'version: 1\nsteps:\n  - quantize:\n      weights: int9\n');
    const { code, stdout, stderr } = await edgewise(folder, ['compress', 'digits.onnx', '--recipe', 'bad.yaml']);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "bad.yaml, line 4: steps[0].quantize.weights is 'int9'; use float32, float16, bfloat16, int8, int6, int5, int4, int3, int2 or int1.\n",
    });
  });

  it('is split by seed when it gives one set for all, and says so', async () => {
    await mkdir(inFolder('out'));
    const words = ['compress', 'digits.onnx', '--to', 'int8', '--data', 'data/test.npz:800', '--scale', '1/255'];
    const { stdout } = await edgewise(folder, [...words, '--seed', '3', '--output', 'out/small.onnx']);
    expect(stdout).toMatch(
      /Calibrated on \.\.\/data\/test\.npz: 200 samples \(split of \.\.\/data\/test\.npz, seed 3: 200 calibration, 120 selection, 480 test\)/,
    );
    expect(stdout).toMatch(/Measured on \.\.\/data\/test\.npz: 480 samples/);
    expect(stdout).toMatch(/Wrote out\/small\.onnx\nWrote out\/small\.edgewise\.json\n$/);
  });

  it('keeps its paths when it lies elsewhere, and reports do as well', async () => {
    await mkdir(inFolder('recipes'));
    const recipe =
      'version: 1\nmodel: ../digits.onnx\nsteps: [{ quantize: { weights: int8 } }]\ndata:\n  test: { path: ../data/test.npz, limit: 50 }\n  input: { scale: 0.00392156862745098 }\n';
    await writeFile(inFolder('recipes/small.yaml'), recipe);
    expect((await edgewise(folder, ['compress', '--recipe', 'recipes/small.yaml'])).code).toBe(0);
    const report = await readReport(inFolder('digits.int8-weights.edgewise.json'));
    expect(report.command).toBe('edgewise compress digits.onnx --recipe recipes/small.yaml');
    expect(report.recipe.data?.test).toEqual({ path: 'data/test.npz', limit: 50 });
    const again = ['compress', 'digits.onnx', '--recipe', 'digits.int8-weights.edgewise.json', '--json'];
    const repeated = reportSchema.parse(JSON.parse((await edgewise(folder, again)).stdout));
    expect(repeated.hashes.output).toBe(report.hashes.output);
    expect(repeated.others.map(({ name }) => name)).toEqual(['digits.int8-weights.onnx']);
  });

  it('that keeps a layer which is not there is told so', async () => {
    const { code, stderr } = await edgewise(folder, ['compress', 'digits.onnx', '--to', 'float16', '--keep', 'CONV']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^There is no layer or operator "CONV" in digits.onnx: did you mean "Conv", "conv1"/);
  });
});
