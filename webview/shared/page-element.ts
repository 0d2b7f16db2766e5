import { LitElement } from 'lit';

/** A page or a part of one, in the light DOM: the page's one style sheet and the theme's variables reach it. */
export class PageElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected send<Detail>(type: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
