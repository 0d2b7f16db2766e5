import type { ReactiveController, ReactiveControllerHost } from 'lit';
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';

/** A row's height in px, VS Code's own; the style sheet says the same. */
export const ROW_HEIGHT = 22;
/** Rows kept on each side of the visible ones: a fast wheel does not show blanks, and the DOM stays small. */
const OVERSCAN = 8;

export interface VirtualRow {
  index: number;
  /** From the top of the rows, in px. */
  top: number;
}

/**
 * Which rows of a long list are in the DOM. The scroller holds a sticky header of one row's height, then the rows.
 * One row can be pinned: it stays in the DOM wherever the view is, so that the focus on it is never lost.
 */
export class VirtualRows implements ReactiveController {
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  private readonly host: ReactiveControllerHost;
  private readonly scroller: () => HTMLElement | null;
  private pinned: number | null = null;
  private unmount: (() => void) | null = null;

  constructor(host: ReactiveControllerHost, scroller: () => HTMLElement | null) {
    this.host = host;
    this.scroller = scroller;
    this.virtualizer = new Virtualizer(this.options(0));
    host.addController(this);
  }

  hostConnected(): void {
    this.unmount = this.virtualizer._didMount();
  }

  hostDisconnected(): void {
    this.unmount?.();
  }

  hostUpdated(): void {
    this.virtualizer._willUpdate();
  }

  /** To be called before rendering. */
  prepare(count: number, pinned: number | null): void {
    this.pinned = pinned;
    this.virtualizer.setOptions(this.options(count));
  }

  get rows(): VirtualRow[] {
    return this.virtualizer.getVirtualItems().map((item) => ({ index: item.index, top: item.start - ROW_HEIGHT }));
  }

  /** Of all rows together, in px. */
  get height(): number {
    return this.virtualizer.getTotalSize() - ROW_HEIGHT;
  }

  /** Whole rows that fit below the header, at least one. */
  get pageSize(): number {
    const height = this.scroller()?.clientHeight ?? 0;
    return Math.max(1, Math.floor(height / ROW_HEIGHT) - 1);
  }

  /** Scrolls as little as possible until the row is in view. */
  show(index: number): void {
    this.virtualizer.scrollToIndex(index, { align: 'auto' });
  }

  private options(count: number): VirtualizerOptions<HTMLElement, HTMLElement> {
    return {
      count,
      getScrollElement: this.scroller,
      estimateSize: () => ROW_HEIGHT,
      paddingStart: ROW_HEIGHT,
      scrollPaddingStart: ROW_HEIGHT,
      overscan: OVERSCAN,
      scrollToFn: elementScroll,
      observeElementOffset,
      observeElementRect,
      onChange: () => this.host.requestUpdate(),
      rangeExtractor: (range) => this.withPinned(range),
    };
  }

  private withPinned(range: Range): number[] {
    const indexes = defaultRangeExtractor(range);
    const pinned = this.pinned;
    if (pinned === null || pinned >= range.count || indexes.includes(pinned)) return indexes;
    return pinned < range.startIndex ? [pinned, ...indexes] : [...indexes, pinned];
  }
}
