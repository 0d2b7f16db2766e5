import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { magikaFiles, magikaTypes } from './magika-files';
import { FROM_SHARED, SHARED_MODELS, type Subject } from './subject';

/** Tells 214 types of files apart: on files of this repository and of `node_modules`, labelled by their extension. */
export const magika: Subject = {
  name: 'magika',
  model: `${SHARED_MODELS}/magika/model.onnx`,
  origin: FROM_SHARED,
  calibration: 128,
  prepare(folder) {
    const types = magikaTypes(path.resolve(SHARED_MODELS, 'magika', 'config.min.json'));
    const { npz, count } = magikaFiles(['src', 'test', 'scripts', 'docs', 'media', 'node_modules'], types);
    writeFileSync(path.join(folder, 'files.npz'), npz);
    return Promise.resolve({ data: { all: 'files.npz' }, said: `${count} files, labelled by extension` });
  },
};
