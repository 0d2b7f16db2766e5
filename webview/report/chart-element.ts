import { property, state } from 'lit/decorators.js';
import { PageElement } from '../shared/page-element';
import type { Report } from './report-types';

/** The style sheet keeps the place until the width is known: nothing below jumps. */
export const CHART_HEIGHT = 320;
/** Below this width in px, labels leave their sizes to the table. */
const NARROW = 520;

/** A chart of a report, drawn anew at each width. */
export class ChartElement extends PageElement {
  @property({ attribute: false }) report: Report | null = null;
  /** 0 until it is known. */
  @state() protected width = 0;

  private readonly observer = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.round(entry.contentRect.width);
  });

  protected get isWide(): boolean {
    return this.width > NARROW;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer.disconnect();
  }
}
