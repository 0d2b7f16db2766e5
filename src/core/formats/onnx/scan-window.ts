import { EdgewiseError } from '../../errors';
import type { ByteSource } from '../byte-source';
import { quoted } from '../file-errors';
import { MAX_STRUCTURE_BYTES } from './limits';
import type { Range } from './outline';
import { WireCursor, WireError } from './wire';

/** After a jump little is read, since the next payload is often near; straight on the window grows. */
const SMALLEST_WINDOW = 4 * 1024;
const LARGEST_WINDOW = 256 * 1024;
/** A jump over less than this is no jump: reading on costs less than another call of the system. */
const SHORT_JUMP = 32 * 1024;

/** A window that moves over a file once, forward. What it passes is kept, what it skips becomes a hole. */
export class ScanWindow {
  readonly holes: Range[] = [];
  private cursor = new WireCursor(new Uint8Array(0));
  /** Offset in the file of the window's first byte. */
  private base = 0;
  /** Position in the window from which bytes are not yet among the kept ones. */
  private unsaved = 0;
  private readonly chunks: Uint8Array[] = [];
  private keptBytes = 0;
  private windowBytes = SMALLEST_WINDOW;

  constructor(readonly source: ByteSource) {}

  get position(): number {
    return this.base + this.cursor.position;
  }

  /** True when `count` bytes, or all that are left, can be taken without reading. */
  holds(count: number): boolean {
    const end = this.base + this.cursor.bytes.byteLength;
    return end === this.source.size || end - this.position >= count;
  }

  /** Reads on until the window holds `count` bytes from the position, or all that are left. */
  async fill(count: number): Promise<void> {
    this.save();
    const start = this.position;
    const length = Math.min(Math.max(count, this.windowBytes), this.source.size - start);
    this.windowBytes = Math.min(this.windowBytes * 2, LARGEST_WINDOW);
    this.cursor = new WireCursor(await this.source.read(start, length));
    this.base = start;
    this.unsaved = 0;
  }

  varint(): number {
    return this.cursor.varint();
  }

  /** Moves over bytes that the window holds and keeps them; false when it does not hold them. */
  advance(count: number): boolean {
    if (this.cursor.position + count > this.cursor.bytes.byteLength) return false;
    this.cursor.position += count;
    return true;
  }

  /** Moves over `count` bytes and keeps them. */
  async keep(count: number): Promise<void> {
    if (this.position + count > this.source.size) throw new WireError('the last field is cut off');
    let left = count;
    while (!this.advance(left)) {
      const here = this.cursor.bytes.byteLength - this.cursor.position;
      this.advance(here);
      left -= here;
      await this.fill(Math.min(left, LARGEST_WINDOW));
    }
  }

  /** Moves over `count` bytes and leaves them out. */
  async skip(count: number): Promise<void> {
    this.save();
    this.holes.push({ start: this.position, end: this.position + count });
    if (this.advance(count)) {
      this.unsaved = this.cursor.position;
      return;
    }
    this.base = this.position + count;
    this.cursor = new WireCursor(new Uint8Array(0));
    this.unsaved = 0;
    if (count > SHORT_JUMP) this.windowBytes = SMALLEST_WINDOW;
  }

  /** All bytes that were kept, joined. */
  kept(): Buffer {
    this.save();
    return Buffer.concat(this.chunks);
  }

  private save(): void {
    const chunk = this.cursor.bytes.subarray(this.unsaved, this.cursor.position);
    this.unsaved = this.cursor.position;
    if (chunk.byteLength === 0) return;
    this.keptBytes += chunk.byteLength;
    if (this.keptBytes > MAX_STRUCTURE_BYTES) {
      throw new EdgewiseError(
        'limit',
        `${quoted(this.source.path)} has more than ${MAX_STRUCTURE_BYTES / 1024 / 1024} MiB of structure besides its weights, which is more than can be opened.`,
        { file: this.source.path },
      );
    }
    // A view would keep its whole window in memory for a few bytes.
    this.chunks.push(chunk.byteLength * 2 > this.cursor.bytes.byteLength ? chunk : chunk.slice());
  }
}
