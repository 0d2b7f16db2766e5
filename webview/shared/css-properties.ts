import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';
import { noChange } from 'lit';

type Properties = Readonly<Record<`--${string}`, string | number>>;

/**
 * `<div ${cssProperties({ '--top': '22px' })}>`: custom properties through the CSSOM. A `style` attribute, which Lit's
 * `styleMap` writes first, is what the content security policy forbids.
 */
class CssPropertiesDirective extends Directive {
  private readonly last = new Map<string, string>();

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('cssProperties stands among the attributes of an element.');
  }

  render(_properties: Properties): typeof noChange {
    return noChange;
  }

  override update(part: ElementPart, [properties]: [Properties]): typeof noChange {
    const element = part.element;
    if (!(element instanceof HTMLElement) && !(element instanceof SVGElement)) return noChange;
    for (const [name, value] of Object.entries(properties)) {
      const text = String(value);
      if (this.last.get(name) === text) continue;
      this.last.set(name, text);
      element.style.setProperty(name, text);
    }
    return noChange;
  }
}

export const cssProperties = directive(CssPropertiesDirective);
