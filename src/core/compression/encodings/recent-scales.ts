import type { AffineScales } from './encoded-tensor';

/**
 * Bytes of scales that are kept for those who ask again: codes and scales of a weight are written one after the other.
 * A model's scales together can be as large as a thirty-second of its weights.
 */
const KEPT_BYTES = 16 * 1024 ** 2;

/** Who holds scales that can be found again. */
export interface ScaleHolder {
  forget(): void;
}

interface Held {
  /** Scales of weights that nobody needs any more go with them. */
  readonly holder: WeakRef<ScaleHolder>;
  readonly bytes: number;
}

const held: Held[] = [];

/** Notes scales that were just found; those found longest ago are forgotten once all take more than `KEPT_BYTES`. */
export function noteFound(holder: ScaleHolder, { scale, zeroPoint }: AffineScales): void {
  held.push({ holder: new WeakRef(holder), bytes: scale.byteLength + (zeroPoint?.byteLength ?? 0) });
  let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
  while (bytes > KEPT_BYTES && held.length > 1) {
    const oldest = held.shift();
    oldest?.holder.deref()?.forget();
    bytes -= oldest?.bytes ?? 0;
  }
}
