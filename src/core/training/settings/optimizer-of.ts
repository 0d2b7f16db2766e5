import type { TrainStep } from '../../recipe/train.schema';
import { adam } from '../optimizers/adam';
import type { Optimizer } from '../optimizers/optimizer';
import { rmsprop } from '../optimizers/rmsprop';
import { sgd } from '../optimizers/sgd';

type OptimizerSettings = Pick<TrainStep, 'optimizer' | 'momentum' | 'nesterov'>;

/** PyTorch's recipes for images have it. */
const SGD_MOMENTUM = 0.9;

/** A new optimizer is one file and one line here. */
const OPTIMIZERS: Readonly<Record<TrainStep['optimizer'], (settings: OptimizerSettings) => Optimizer>> = {
  adam: () => adam(),
  adamw: () => adam({ decoupled: true }),
  sgd: ({ momentum = SGD_MOMENTUM, nesterov = false }) => sgd({ momentum, nesterov }),
  rmsprop: ({ momentum = 0 }) => rmsprop({ momentum }),
};

export const optimizerOf = (settings: OptimizerSettings): Optimizer => OPTIMIZERS[settings.optimizer](settings);
