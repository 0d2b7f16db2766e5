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
