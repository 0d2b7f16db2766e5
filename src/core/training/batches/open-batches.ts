import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DataSet } from '../../evaluation/data';
import { elementsOf } from '../../model/model';
import { bytesPerElement } from '../../runtime/tensor';
import type { BatchSource } from './batch-source';
import type { DataOpening } from './data-opening';
import { batchesOf, type BatchOptions } from './from-data-set';
import { batchesInWorker } from './in-workers';

/** A set whose samples take less than this is prepared sooner than a thread is started. */
const TINY_BYTES = 4_000_000;

export interface BatchPlace {
  /** How another thread opens the set; left out where only this one has it. */
  readonly opening?: DataOpening;
  readonly signal: AbortSignal;
  /** The bundled worker; default: beside the bundle that runs. */
  readonly workerFile?: string;
}

/**
 * Batches of a set, prepared by a thread of their own where that is worth it, on this one otherwise: the numbers are the
 * same.
 * @throws EdgewiseError what is wrong with set or plan
 */
export function openBatches(set: DataSet, options: BatchOptions, place: BatchPlace): BatchSource {
  const here = batchesOf(set, options);
  const { opening, signal, workerFile = path.join(__dirname, 'batches.js') } = place;
  if (opening === undefined || sampleBytes(set) * set.length < TINY_BYTES || !existsSync(workerFile)) return here;
  const { also, ...plan } = options;
  return batchesInWorker({
    ...{ file: workerFile, opening, plan, length: set.length, signal },
    ...{ stepsPerEpoch: here.stepsPerEpoch, ...(also ? { also } : {}) },
  });
}

function sampleBytes({ inputs }: DataSet): number {
  return Object.values(inputs).reduce((sum, { dtype, shape }) => sum + bytesPerElement(dtype) * elementsOf(shape), 0);
}
