import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/core/formats';
import { encodeOnnx } from '../../../../src/core/formats/onnx/encode';
import { writeOnnx } from '../../../../src/core/formats/onnx/write';
import { quietContext } from '../../../../src/core/progress';
import { hasShared, sharedPath } from '../../../shared';
import { scratchFolder, seeded } from '../scratch';
import { decodePlain } from './plain-onnx';
import { decodedNumbers, withEverythingAnew } from './rewritten';

const FIXTURES = path.join(__dirname, '../../../fixtures/onnx');
/** Debian's package libonnx-testdata: the models of ONNX's own test suite. */
const ONNX_TEST_DATA = '/usr/share/libonnx-testdata';

const scratch = scratchFolder();

function modelsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => path.join(folder, name))
    .sort();
}

/** What a plain decoder sees in a file, numbers of tensors made comparable whatever field they are kept in. */
const plain = (file: string): unknown => decodedNumbers(decodePlain(readFileSync(file)), path.dirname(file));

async function expectRoundTrip(file: string): Promise<void> {
  const model = await readModel(file);
  const copy = scratch.path('copy.onnx');
  await writeOnnx(model, copy, { context: quietContext(), overwrite: true });
  expect(plain(copy)).toEqual(plain(file));
  const anew = scratch.path('anew.onnx');
  await writeOnnx(withEverythingAnew(model), anew, { context: quietContext(), overwrite: true });
  expect(plain(anew)).toEqual(plain(file));
}

describe('fixtures', () => {
  it.each(modelsIn(FIXTURES).map((file) => [path.basename(file), file]))(
    '%s: every message is kept, copied and encoded anew',
    async (_, file) => {
      await expectRoundTrip(file);
    },
  );
});

describe.skipIf(!hasShared('Round trip of the zoo', 'zoo'))('zoo', () => {
  const files = hasShared('Round trip of the zoo', 'zoo') ? modelsIn(sharedPath('zoo')) : [];

  it.each(files.map((file) => [path.basename(file), file]))('%s: every message is kept', async (_, file) => {
    await expectRoundTrip(file);
  });

  it.each(files.map((file) => [path.basename(file), file]))('%s: runs as before', async (_, file) => {
    const model = await readModel(file);
    const anew = scratch.path('runs.onnx');
    await writeOnnx(withEverythingAnew(model), anew, { context: quietContext(), overwrite: true });
    const expected = await firstAnswer(await ort.InferenceSession.create(file));
    expect(await firstAnswer(await ort.InferenceSession.create(anew))).toEqual(expected);
    expect(await firstAnswer(await ort.InferenceSession.create(await encodeOnnx(model)))).toEqual(expected);
  });
});

describe.skipIf(!hasShared('Round trip of real models', 'models'))('real models', () => {
  const files = hasShared('Round trip of real models', 'models') ? modelsIn(sharedPath('models')) : [];

  it.each(files.map((file) => [path.relative(sharedPath('models'), file), file]))(
    '%s: every message is kept, and the copy loads as the original does',
    async (_, file) => {
      await expectRoundTrip(file);
      expect(await loading(scratch.path('anew.onnx'))).toBe(await loading(file));
    },
  );
});

const hasTestData = existsSync(ONNX_TEST_DATA);
if (!hasTestData) console.warn(`Round trip of ONNX's own test models: not run, ${ONNX_TEST_DATA} is not here.`);

describe.skipIf(!hasTestData)("ONNX's own test models", () => {
  it('keep every message, copied and encoded anew', { timeout: 300_000 }, async () => {
    const files = modelsIn(ONNX_TEST_DATA);
    expect(files.length).toBeGreaterThan(1000);
    for (const file of files) {
      const model = await readModel(file);
      const expected = plain(file);
      for (const variant of [model, withEverythingAnew(model)]) {
        const bytes = await encodeOnnx(variant);
        expect(decodedNumbers(decodePlain(bytes), path.dirname(file)), file).toEqual(expected);
      }
    }
  });
});

/** "loads", or what ONNX Runtime says: it no longer runs the oldest operator sets. */
async function loading(file: string): Promise<string> {
  return ort.InferenceSession.create(file).then(
    () => 'loads',
    (error: unknown) => String(error),
  );
}

/** The first output for inputs from a seed. Symbolic dimensions are 2, as small as a batch can be told from 1. */
async function firstAnswer(session: ort.InferenceSession): Promise<unknown> {
  const feeds: Record<string, ort.Tensor> = {};
  const random = seeded(3);
  for (const meta of session.inputMetadata) {
    if (!meta.isTensor) throw new Error(`${meta.name} is no tensor`);
    const dims = meta.shape.map((size) => (typeof size === 'number' ? size : 2));
    const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random());
    feeds[meta.name] = new ort.Tensor('float32', values, dims);
  }
  const answers = await session.run(feeds);
  const [name] = session.outputNames;
  return name === undefined ? undefined : answers[name]?.data;
}
