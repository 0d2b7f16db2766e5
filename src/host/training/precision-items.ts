import type * as vscode from 'vscode';

/** What weights and activations become while the network trains; null: they stay floats. */
export type Precision = { weights: 'int8' | 'int4' | 'int2' | 'ternary' | 'binary'; activations: 'uint8' | 'float32' };

export const PRECISION_IDS = ['int8', 'int4', 'int4-weights', 'int2-weights', 'ternary', 'binary'] as const;
export type PrecisionId = (typeof PRECISION_IDS)[number];

export const PRECISIONS: Readonly<Record<PrecisionId, Precision>> = {
  int8: { weights: 'int8', activations: 'uint8' },
  int4: { weights: 'int4', activations: 'uint8' },
  'int4-weights': { weights: 'int4', activations: 'float32' },
  'int2-weights': { weights: 'int2', activations: 'float32' },
  ternary: { weights: 'ternary', activations: 'float32' },
  binary: { weights: 'binary', activations: 'float32' },
};

export interface PrecisionItem extends vscode.QuickPickItem {
  readonly id: PrecisionId | 'float32';
}

const ITEMS: readonly PrecisionItem[] = [
  {
    id: 'int8',
    label: '$(dashboard) Fast integers, int8',
    description: 'recommended',
    detail: 'int8 weights and uint8 activations, computed in integers. When int8 without training loses too much.',
  },
  {
    id: 'int4',
    label: '$(dashboard) int4 weights, uint8 activations',
    detail: 'Half the bytes of int8. The network learns to live with 16 values a weight.',
  },
  {
    id: 'int4-weights',
    label: '$(archive) int4 weights',
    detail: 'Activations stay floats: no ranges to find, and a file as small.',
  },
  {
    id: 'int2-weights',
    label: '$(archive) int2 weights',
    detail: 'Four values a weight; first and last layer keep int8. Needs more epochs.',
  },
  { id: 'ternary', label: '$(archive) Ternary weights', detail: 'Minus one, zero, one. Needs more epochs.' },
  { id: 'binary', label: '$(archive) Binary weights', detail: 'One bit a weight. Needs many epochs.' },
];

const FLOAT_ITEM: PrecisionItem = {
  id: 'float32',
  label: '$(symbol-numeric) Keep floats',
  description: 'recommended',
  detail: 'Only the answers are learned; the size stays.',
};

/** @param withFloats whether training without quantization is one of the answers */
export function precisionItems(withFloats: boolean): readonly PrecisionItem[] {
  if (!withFloats) return ITEMS;
  return [
    FLOAT_ITEM,
    ...ITEMS.map(({ id, label, detail }) => ({ id, label, ...(detail === undefined ? {} : { detail }) })),
  ];
}
