import type { Model } from '../../model/model';
import { matrixLayers } from '../repair/matrix-layers';

/**
 * Multiplications that one stage of a search may take: some minutes on two cores, which do 30 to 60 thousand million in
 * a second. Counted and not timed, so that the same search always measures the same.
 */
const STAGE_MACS = 10e12;

/** Models of which one sample takes more than this are costly: their layers are tried in fewer encodings. */
const COSTLY_MACS = 1e9;
/** Shares of a unit's bytes that the encodings tried for it differ by at least. */
const SPACING = { usual: 0.06, costly: 0.2 } as const;

export function spacingFor(macs: number | null): number {
  return macs !== null && macs > COSTLY_MACS ? SPACING.costly : SPACING.usual;
}

/**
 * Multiplications that all repairs of a search may take, about ten minutes on two cores: models that need more are
 * searched without.
 */
const REPAIR_MACS = 20e12;
/** Whole models that a search repairs, and encodings of each layer that it repairs alone. */
const REPAIRED_TIMES = 24;
/** Arithmetic of rounding, by what the runtime does in the same time: it is not vectorized. */
const ROUNDING_WORK = 160;

/**
 * True where a model's layers can be rounded for their outputs often enough to search with it. Each layer takes a run of
 * the calibration samples, and work by the square of its inputs.
 * @param macs of one sample; null where they are not known
 * @param samples for calibration
 */
export function canRepair(model: Model, macs: number | null, samples: number): boolean {
  const layers = matrixLayers(model);
  const once = layers.reduce((sum, { matrix }) => {
    const outputs = matrix.groups * matrix.rows;
    return sum + samples * (macs ?? 0) + ROUNDING_WORK * outputs * matrix.columns ** 2;
  }, 0);
  return layers.length > 0 && REPAIRED_TIMES * once <= REPAIR_MACS;
}

/** Single steps that are tried once the best combinations are known, and how many may fail in a row. */
export const STEPS = { usual: { most: 16, failures: 5 }, repaired: { most: 8, failures: 3 } } as const;

/** Samples for telling which layers matter. */
export const RANKING_SAMPLES = { least: 64, most: 512 } as const;
/** Samples for measuring whole models, where a few answers decide. */
export const WHOLE_SAMPLES = { least: 512, most: 4096 } as const;

/**
 * Samples that so many runs of a model can go over.
 * @param macs of one sample; null where they are not known
 */
export function samplesFor(
  runs: number,
  macs: number | null,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const affordable = Math.floor(STAGE_MACS / (Math.max(1, runs) * Math.max(1, macs ?? 0)));
  return Math.min(most, Math.max(least, affordable));
}
