import type { Encoding } from '../../model/encoding';
import type { Weight } from '../../model/model';

/** A weight that unpacks itself, or that its operator unpacks: the initializers that it is made of, and how they make it. */
export type UnpackedTensor =
  | { readonly kind: 'dense'; readonly shape: readonly number[]; readonly stored: Weight }
  | {
      readonly kind: 'affine';
      readonly shape: readonly number[];
      readonly codes: StoredCodes;
      readonly signed: boolean;
      readonly axis: number | null;
      readonly block: number | null;
      readonly scale: Weight;
      readonly zeroPoint: Weight | null;
    }
  | {
      readonly kind: 'palette';
      readonly shape: readonly number[];
      readonly codes: StoredCodes;
      readonly axis: number | null;
      readonly groups: number;
      readonly table: Weight;
    }
  | {
      /** Unsigned codes in lines of whole bytes, low bits first, as an operator takes them. */
      readonly kind: 'packed';
      readonly shape: readonly number[];
      readonly codes: Weight;
      readonly bits: number;
      /** True where codes count from the middle of their range, and no zero point is stored. */
      readonly signed: boolean;
      /** The axis that blocks lie along, which is that of the lines. */
      readonly axis: number;
      readonly block: number;
      /** True where `shape` is `[codes of a line, lines]`. */
      readonly isTurned: boolean;
      readonly lines: number;
      /** Codes that a line holds, those included that fill its last block. */
      readonly lineCodes: number;
      /** Blocks of a line; scales are `[lines, blocks]`, zero points are packed by line as codes are. */
      readonly blocks: number;
      readonly scale: Weight;
      readonly zeroPoint: Weight | null;
      /** False where its values are not looked up here. */
      readonly isRead: boolean;
    }
  | {
      readonly kind: 'sparse';
      readonly shape: readonly number[];
      readonly positions: StoredPositions;
      readonly values: UnpackedTensor;
    };

/** Codes in planes (`code-planes.ts`), or a byte each where there are 8 bits. */
export interface StoredCodes {
  readonly weight: Weight;
  readonly bits: number;
  /** What codes are stored plus: half their range where they are signed. */
  readonly offset: number;
}

export type StoredPositions =
  /** A bit an element. */
  | { readonly kind: 'mask'; readonly mask: Weight }
  /** Steps from one to the next (`step-counts.ts`). */
  | { readonly kind: 'steps'; readonly steps: StoredCodes };

/** The initializers of a tensor, the one that holds its values or codes first. */
export function initializersOf(tensor: UnpackedTensor): Weight[] {
  switch (tensor.kind) {
    case 'dense':
      return [tensor.stored];
    case 'affine':
      return [tensor.codes.weight, tensor.scale, ...(tensor.zeroPoint === null ? [] : [tensor.zeroPoint])];
    case 'packed':
      return [tensor.codes, tensor.scale, ...(tensor.zeroPoint === null ? [] : [tensor.zeroPoint])];
    case 'palette':
      return [tensor.codes.weight, tensor.table];
    case 'sparse': {
      const { positions, values } = tensor;
      return [...initializersOf(values), positions.kind === 'mask' ? positions.mask : positions.steps.weight];
    }
  }
}

export function unpackedEncoding(tensor: UnpackedTensor): Encoding {
  switch (tensor.kind) {
    case 'dense':
      return { kind: 'dense', dtype: tensor.stored.dtype };
    case 'affine': {
      const { codes, signed, axis, block } = tensor;
      return { kind: 'affine', bits: codes.bits, signed, axis, block };
    }
    case 'packed': {
      const { bits, signed, axis, block } = tensor;
      return { kind: 'affine', bits, signed, axis, block };
    }
    case 'palette':
      return { kind: 'palette', bits: tensor.codes.bits, axis: tensor.axis, groups: tensor.groups };
    case 'sparse': {
      const positions = tensor.positions.kind === 'steps' ? 'index' : 'mask';
      return { kind: 'sparse', positions, values: unpackedEncoding(tensor.values) };
    }
  }
}
