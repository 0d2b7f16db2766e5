import type { RepairPass } from './repair';
import { roundLayers } from './rounding-pass';

const TITLE = 'Rounding columns one after the other';

export const gptq: RepairPass = {
  name: 'gptq',
  title: TITLE,
  needs: 'calibration',
  keepsFunction: false,
  run: (model, plan, context) => roundLayers(model, plan, context, 'successive', TITLE),
};
