/** Where a key takes the active row of a list; null where the key is not one of a list's. */
export function targetRow(key: string, index: number, count: number, pageSize: number): number | null {
  const last = count - 1;
  const targets: Record<string, number> = {
    ArrowDown: Math.min(index + 1, last),
    ArrowUp: Math.max(index - 1, 0),
    PageDown: Math.min(index + pageSize, last),
    PageUp: Math.max(index - pageSize, 0),
    Home: 0,
    End: last,
  };
  return targets[key] ?? null;
}

/** Letters typed within this time make one word. */
const TYPE_AHEAD_MS = 700;

/** Type-ahead: the next row, after the active one, whose label starts with what was typed. */
export class TypeAhead {
  private typed = '';
  private at = 0;

  /** The index found, or null; `now` in ms. */
  find(key: string, index: number, count: number, label: (index: number) => string, now: number): number | null {
    this.typed = now - this.at < TYPE_AHEAD_MS ? this.typed + key : key;
    this.at = now;
    const word = this.typed.toLowerCase();
    // A second letter may still mean the row that the first one found.
    const from = word.length > 1 ? index : index + 1;
    for (let step = 0; step < count; step++) {
      const candidate = (from + step) % count;
      if (label(candidate).toLowerCase().startsWith(word)) return candidate;
    }
    return null;
  }

  static isLetter(event: KeyboardEvent): boolean {
    return event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
  }
}
