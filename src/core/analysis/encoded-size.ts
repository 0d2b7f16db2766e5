import type { WeightScheme } from '../compression/encodings/scheme';
import { bitsOf } from '../model/dtype';
import { elementsOf } from '../model/model';

/** Bytes of a scale, and of an entry of a palette. */
const FLOAT_BYTES = 4;
/** A step from one value to the next that is there takes a byte; long steps take more. */
const STEP_BYTES = 1;

/**
 * Bytes of a weight's codes, scales, tables and positions as a scheme encodes it, whatever the format; an estimate only
 * where values decide (how many are zero).
 */
export function encodedBytes(scheme: WeightScheme, shape: readonly number[]): number {
  const elements = elementsOf(shape);
  const sparsity = scheme.sparsity ?? 0;
  if (sparsity === 0) return Math.ceil((elements * bitsOfScheme(scheme)) / 8) + tableBytes(scheme, shape);
  const kept = Math.ceil(elements * (1 - sparsity));
  const positions = Math.min(Math.ceil(elements / 8), kept * STEP_BYTES);
  return Math.ceil((kept * bitsOfScheme(scheme)) / 8) + positions + tableBytes(scheme, [kept]);
}

function bitsOfScheme(scheme: WeightScheme): number {
  return scheme.kind === 'dense' ? bitsOf(scheme.dtype) : scheme.bits;
}

function tableBytes(scheme: WeightScheme, shape: readonly number[]): number {
  switch (scheme.kind) {
    case 'dense':
      return 0;
    case 'palette':
      return scheme.groups * 2 ** scheme.bits * FLOAT_BYTES;
    case 'affine': {
      const { axis, block, symmetric } = scheme;
      const scales = scalesOf(shape, axis, block);
      return scales * (FLOAT_BYTES + (symmetric ? 0 : 1));
    }
  }
}

function scalesOf(shape: readonly number[], axis: number | null, block: number | null): number {
  if (axis === null) return 1;
  // The values of a sparse tensor lie along one axis, whatever they came from.
  const length = shape[axis] ?? 1;
  return block === null ? length : (elementsOf(shape) / Math.max(1, length)) * Math.ceil(length / block);
}

/**
 * Bytes that nodes, names and dimensions add to a file beside an encoded weight's content. An estimate, within 5 % of
 * our files of the reference networks; what weights share is `SHARED_BYTES`.
 */
export function storageBytes(scheme: WeightScheme, name: string): number {
  const nodes = scheme.kind === 'palette' ? PALETTE_NODES : PLAIN_NODES;
  const positions = scheme.sparsity === undefined ? 0 : POSITION_NODES;
  return nodes + positions + NAMES * Buffer.byteLength(name);
}

/** Once a file: the function that unpacks codes of less than a byte. */
export const SHARED_BYTES = 700;

const PLAIN_NODES = 60;
const PALETTE_NODES = 120;
const POSITION_NODES = 100;
/** How often the weight's own name comes again in them. */
const NAMES = 4;
