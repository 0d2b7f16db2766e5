import type { QuantizeStep } from '../../recipe/recipe.schema';

/** One way to encode a weight, as a recipe says it. Every option is said, so that none is taken over from elsewhere. */
export type RungOptions = Required<Pick<QuantizeStep, 'weights' | 'encoding' | 'granularity' | 'sparsity'>> &
  Pick<QuantizeStep, 'block' | 'group' | 'scales'>;

export interface Rung {
  /** "3-bit palette, 50 % sparse" */
  readonly name: string;
  readonly options: RungOptions;
}

type PaletteBits = 1 | 2 | 3 | 4 | 5 | 6;

/** Codes of a palette and, of the weights that stay, the shares at which leaving zeros out was seen to pay. */
const SPARSE_BITS: readonly PaletteBits[] = [1, 2, 3, 4];
const SPARSITIES = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/** Output channels that share a table. */
const GROUP = 16;

/** Elements that share a scale, with granularity `block`. */
const BLOCK = 32;

/**
 * What is tried for each weight, from the most bytes to the fewest where weights are large. More is no harm but time:
 * rungs with more bytes and more error than another are dropped before anything is run.
 */
export const RUNGS: readonly Rung[] = [
  { name: 'float16', options: { weights: 'float16', encoding: 'affine', granularity: 'tensor', sparsity: 0 } },
  affine('int8', 'channel'),
  affine('int8', 'tensor'),
  palette(6),
  palette(5),
  affine('int4', 'channel'),
  affine('int4', 'block'),
  palette(4),
  paletteInGroups(4),
  affine('int3', 'channel'),
  affine('int3', 'block'),
  palette(3),
  paletteInGroups(3),
  palette(2),
  paletteInGroups(2),
  ...SPARSITIES.flatMap((sparsity) => SPARSE_BITS.map((bits) => palette(bits, sparsity))),
];

/** Rungs that are tried for the whole model at once, before layers are looked at: a first front. */
export const WHOLE_MODEL: readonly Rung[] = RUNGS.filter(({ name }) =>
  ['float16', 'int8 per channel', '6-bit palette', '4-bit palette', '3-bit palette'].includes(name),
);

/** Codes of so few bits that it pays to choose them by what they do to a layer's outputs. */
export function isCoarse({ options }: Rung): boolean {
  return ['int1', 'int2', 'int3', 'int4'].includes(options.weights);
}

function palette(bits: PaletteBits, sparsity = 0): Rung {
  const zeros = sparsity === 0 ? '' : `, ${Math.round(sparsity * 100)} % sparse`;
  return {
    name: `${bits}-bit palette${zeros}`,
    options: { weights: `int${bits}`, encoding: 'palette', granularity: 'tensor', sparsity },
  };
}

function paletteInGroups(bits: PaletteBits): Rung {
  return {
    name: `${bits}-bit palette per ${GROUP} channels`,
    options: { weights: `int${bits}`, encoding: 'palette', granularity: 'group', group: GROUP, sparsity: 0 },
  };
}

function affine(weights: 'int8' | 'int4' | 'int3', granularity: 'channel' | 'tensor' | 'block'): Rung {
  const shared = { weights, encoding: 'affine', granularity, sparsity: 0 } as const;
  return granularity === 'block'
    ? { name: `${weights} per block of ${BLOCK}`, options: { ...shared, block: BLOCK } }
    : { name: `${weights} per ${granularity}`, options: shared };
}
