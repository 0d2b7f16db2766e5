/** Weight of the newest step in the speed that is shown. */
const NEWEST = 0.05;

/** Times steps, without what happens between them. */
export class Stopwatch {
  totalMs = 0;
  totalSamples = 0;
  private began = 0;
  private recentMs: number | null = null;
  private recentSamples = 0;

  start(): void {
    this.began = performance.now();
  }

  stop(samples: number): void {
    const ms = performance.now() - this.began;
    this.totalMs += ms;
    this.totalSamples += samples;
    this.recentMs = this.recentMs === null ? ms : this.recentMs + NEWEST * (ms - this.recentMs);
    this.recentSamples = samples;
  }

  /** Goes on from a checkpoint. */
  resume(totalMs: number, totalSamples: number): void {
    this.totalMs = totalMs;
    this.totalSamples = totalSamples;
  }

  /** Samples a second lately. */
  get perSecond(): number {
    return this.recentMs === null ? 0 : (1000 * this.recentSamples) / this.recentMs;
  }

  /** Samples a second since the beginning. */
  get overall(): number {
    return this.totalMs === 0 ? 0 : (1000 * this.totalSamples) / this.totalMs;
  }
}
