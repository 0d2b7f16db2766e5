import type { RepairPass } from './repair';
import { roundLayers } from './rounding-pass';

const TITLE = 'Choosing codes for the outputs';

export const adaptiveRounding: RepairPass = {
  name: 'adaptive-rounding',
  title: TITLE,
  needs: 'calibration',
  keepsFunction: false,
  run: (model, plan, context) => roundLayers(model, plan, context, 'descent', TITLE),
};
