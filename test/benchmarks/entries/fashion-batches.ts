import path from 'node:path';
import { readModel } from '../../../src/core/formats';
import { summarize } from '../../../src/core/analysis/summary';
import type { Model } from '../../../src/core/model/model';
import type { BatchSource } from '../../../src/core/training/batches/batch-source';
import { openTrainingData, type DataOpening } from '../../../src/core/training/batches/data-opening';
import { openBatches } from '../../../src/core/training/batches/open-batches';
import { LABELS } from '../../../src/core/training/losses/loss';

export type Place = 'main' | 'thread';

export interface FashionBatches {
  readonly model: Model;
  readonly batches: BatchSource;
  close(): Promise<void>;
}

/** Fashion-MNIST in batches with flips, prepared on the main thread or by one of their own (`batches.js` beside this). */
export async function fashionBatches(
  shared: string,
  network: string,
  size: number,
  place: Place,
): Promise<FashionBatches> {
  const model = await readModel(path.join(shared, 'zoo', network, `${network}.onnx`));
  const opening: DataOpening = {
    section: { train: 'train-images-idx3-ubyte.gz' },
    ...{ base: path.join(shared, 'data/fashion-mnist'), inputs: summarize(model).inputs },
    ...{ options: { training: true }, seed: 1 },
  };
  const { set, close } = await openTrainingData(opening);
  const plan = { size, seed: 1, fed: [LABELS], augment: { flip: true } };
  const { signal } = new AbortController();
  const batches = openBatches(set, plan, { signal, ...(place === 'thread' ? { opening } : {}) });
  return {
    ...{ model, batches },
    async close() {
      await batches.close();
      await close();
    },
  };
}
