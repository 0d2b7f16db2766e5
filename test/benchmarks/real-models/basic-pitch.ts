import path from 'node:path';
import { FROM_SHARED, SHARED_MODELS, type Subject } from './subject';

/** Notes in music, two seconds at a time: on a recording of speech, which has pitch, too. Agreement is what counts. */
export const basicPitch: Subject = {
  name: 'basic-pitch',
  model: `${SHARED_MODELS}/basic-pitch/nmp.onnx`,
  origin: FROM_SHARED,
  calibration: 8,
  prepare: () =>
    Promise.resolve({
      data: {
        all: path.resolve(SHARED_MODELS, 'silero-vad', 'speech.wav'),
        input: { audio: { rate: 22_050 } },
      },
      said: 'a minute of speech in pieces of 43,844 samples at 22,050 Hz',
    }),
};
