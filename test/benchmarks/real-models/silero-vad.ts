import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decodeWav } from '../../../src/core/evaluation/data/sound/wav';
import { openSession, type Session } from '../../../src/core/runtime/session';
import { zeros } from '../../../src/core/runtime/tensor';
import { npz } from '../../core/data/files';
import { FROM_SHARED, SHARED_MODELS, type Subject } from './subject';

/** What the network takes at 16 kHz: 32 ms, and before it the end of the 32 ms before. */
const STEP = 512;
const CONTEXT = 64;
const WINDOW = CONTEXT + STEP;
const RATE = 16_000;
const STATE = [2, 1, 128];
/** The authors' threshold between silence and speech. */
const SPEECH = 0.5;

const recording = (): string => path.resolve(SHARED_MODELS, 'silero-vad', 'speech.wav');

/** Voice activity in 32 ms of sound: an LSTM in an If subgraph, with a state and the rate as inputs. */
export const sileroVad: Subject = {
  name: 'silero VAD',
  model: `${SHARED_MODELS}/silero-vad/silero_vad_16k_op15.onnx`,
  origin: FROM_SHARED,
  calibration: 256,
  prepare(folder) {
    const windows = windowsOf(recording());
    const values = new Float32Array(windows.length * WINDOW);
    windows.forEach((window, at) => values.set(window, at * WINDOW));
    writeFileSync(path.join(folder, 'windows.npz'), npz({ input: { shape: [windows.length, WINDOW], values } }));
    return Promise.resolve({
      data: { all: 'windows.npz', constants: { state: 0, sr: RATE } },
      said: `${windows.length} windows of a minute of speech, each from a state of zeros`,
    });
  },
  compare: compareStreams,
};

function windowsOf(file: string): Float32Array[] {
  const { samples } = decodeWav(readFileSync(file), path.basename(file));
  const sound = new Float32Array(CONTEXT + samples.length);
  sound.set(samples, CONTEXT);
  const count = Math.floor(samples.length / STEP);
  return Array.from({ length: count }, (_, at) => sound.slice(at * STEP, at * STEP + WINDOW));
}

/** As the network is used: the whole recording in order, each window with the state that the one before has left. */
async function compareStreams(original: string, compressed: string): Promise<string> {
  const windows = windowsOf(recording());
  const before = await probabilities(original, windows);
  const after = await probabilities(compressed, windows);
  const differences = before.map((one, at) => Math.abs(one - (after[at] ?? 0)));
  const same = before.filter((one, at) => one > SPEECH === (after[at] ?? 0) > SPEECH).length;
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  return (
    `the recording in order, with its state: ${same} of ${before.length} windows told alike, ` +
    `probabilities apart by ${mean.toFixed(4)} on average, ${Math.max(...differences).toFixed(3)} at most`
  );
}

async function probabilities(model: string, windows: readonly Float32Array[]): Promise<number[]> {
  const session = await openSession(model);
  try {
    return await stream(session, windows);
  } finally {
    await session.close();
  }
}

async function stream(session: Session, windows: readonly Float32Array[]): Promise<number[]> {
  const sr = { dtype: 'int64' as const, shape: [], data: BigInt64Array.of(BigInt(RATE)) };
  let state = zeros('float32', STATE);
  const found: number[] = [];
  for (const data of windows) {
    const outputs = await session.run({ input: { dtype: 'float32', shape: [1, WINDOW], data }, state, sr });
    state = outputs['stateN'] ?? state;
    found.push(Number(outputs['output']?.data[0]));
  }
  return found;
}
