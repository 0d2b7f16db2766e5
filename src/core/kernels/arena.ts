import { EdgewiseError } from '../errors';

/** A stretch of the kernels' memory. `bytes` shows it; the memory never grows, so the view stays good. */
export interface Region {
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Lines of the processor's cache; regions start on one. */
const ALIGNMENT = 64;

/** Hands out stretches of one memory: the first gap that fits. A handful are out at any time. */
export class Arena {
  private readonly taken: Region[] = [];

  constructor(
    private readonly memory: ArrayBuffer,
    private readonly start: number,
  ) {}

  /** @throws EdgewiseError `limit` when no gap is large enough. */
  take(byteLength: number): Region {
    let address = this.start;
    let index = 0;
    for (const region of this.taken) {
      if (region.address - address >= byteLength) break;
      address = aligned(region.address + region.bytes.length);
      index++;
    }
    if (address + byteLength > this.memory.byteLength) {
      throw new EdgewiseError('limit', `A weight needs ${byteLength} more bytes of working memory than are reserved.`);
    }
    const region = { address, bytes: new Uint8Array(this.memory, address, byteLength) };
    this.taken.splice(index, 0, region);
    return region;
  }

  give(region: Region): void {
    const index = this.taken.indexOf(region);
    if (index >= 0) this.taken.splice(index, 1);
  }
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
