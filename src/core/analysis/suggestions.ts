import type { PruningSuggestion } from './statistics.schema';

/** Outputs that together hold no more than this share of a layer's energy (sum of squared weights) are worth a look. */
export const NEGLIGIBLE_ENERGY = 0.05;

/** More than half of a layer's outputs is never suggested: its input would no longer get through. */
export const LARGEST_FRACTION = 0.5;

/** Removing one of fewer outputs than this is a large step for a small gain. */
export const FEWEST_OUTPUTS = 8;

export interface LayerFacts {
  readonly operator: string;
  readonly outputs: number;
  /** Its outputs lead to the model's answer without another layer of weights: classes cannot go. */
  readonly last: boolean;
  /** Grouped or depthwise: its outputs are tied to input channels, so that removing one changes the layers before. */
  readonly grouped: boolean;
}

/** False where nothing is ever suggested, so that energies need not be summed. */
export function isPrunable(layer: LayerFacts): boolean {
  return unitOf(layer.operator) !== null && !layer.last && !layer.grouped && layer.outputs >= FEWEST_OUTPUTS;
}

/**
 * How many of a layer's weakest outputs hold next to nothing of its weights' energy; null: keep all. An estimate from
 * the weights alone: no data was seen, and what follows the layer is not looked at.
 * @param energies Sum of squared weights of each output, along the output axis.
 */
export function suggestPruning(layer: LayerFacts, energies: Float64Array): PruningSuggestion | null {
  const unit = unitOf(layer.operator);
  if (unit === null || !isPrunable(layer)) return null;
  const outputs = energies.length;
  const sorted = energies.slice().sort();
  const total = sorted.reduce((sum, energy) => sum + energy, 0);
  if (!Number.isFinite(total)) return null;
  const most = Math.floor(outputs * LARGEST_FRACTION);
  let held = 0;
  let remove = 0;
  for (const energy of sorted.subarray(0, most)) {
    if (held + energy > total * NEGLIGIBLE_ENERGY) break;
    held += energy;
    remove++;
  }
  if (remove === 0) return null;
  return {
    fraction: remove / outputs,
    unit,
    remove,
    of: outputs,
    reason: reason(remove, outputs, unit, total > 0 ? held / total : 0),
    basis: 'estimate',
  };
}

function reason(remove: number, of: number, unit: string, share: number): string {
  const verb = remove === 1 ? 'holds' : 'hold';
  return `${remove} of ${of} ${unit} ${verb} ${percent(share)} of the weights' energy.`;
}

function percent(share: number): string {
  if (share === 0) return 'none';
  if (share < 0.001) return 'less than 0.1 %';
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;
}

/** What the outputs of an operator are called; null for operators whose outputs cannot be removed one by one. */
function unitOf(operator: string): string | null {
  switch (operator) {
    case 'Conv':
    case 'ConvTranspose':
    case 'FusedConv':
    case 'QLinearConv':
    case 'ConvInteger':
      return 'filters';
    case 'Gemm':
    case 'MatMul':
    case 'FusedGemm':
    case 'FusedMatMul':
    case 'QGemm':
    case 'QLinearMatMul':
    case 'MatMulInteger':
    case 'MatMulNBits':
      return 'neurons';
    default:
      return null;
  }
}
