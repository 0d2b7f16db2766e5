import { breathe, throwIfCancelled } from '../../progress';

/** Milliseconds of arithmetic after which messages are handled. */
const BREATH_MS = 50;

/** Lets messages through between stretches of arithmetic, and stops where they cancel it. */
export class Breather {
  private breathed = performance.now();

  constructor(private readonly signal: AbortSignal) {}

  /** @throws EdgewiseError `cancelled` */
  async breathe(): Promise<void> {
    if (performance.now() - this.breathed < BREATH_MS) return;
    await breathe();
    throwIfCancelled(this.signal);
    this.breathed = performance.now();
  }
}
