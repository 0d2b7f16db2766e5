/**
 * FAST, the base of the webview toolkit, asks while it loads whether `:focus-visible` exists by appending an empty
 * `<style>`, which a strict content security policy reports as a violation. Every Chromium that VS Code runs in has
 * `:focus-visible`: until `endFocusVisibleProbe`, such a request gets an inert element with a constructed sheet.
 * Imported before the toolkit, so that it runs before.
 */
const createElement = document.createElement.bind(document);

Object.defineProperty(document, 'createElement', {
  configurable: true,
  value: (name: string, options?: ElementCreationOptions): HTMLElement =>
    name === 'style'
      ? Object.assign(createElement('meta'), { sheet: new CSSStyleSheet() })
      : createElement(name, options),
});

/** Gives `document.createElement` back as it was. */
export function endFocusVisibleProbe(): void {
  Reflect.deleteProperty(document, 'createElement');
}
