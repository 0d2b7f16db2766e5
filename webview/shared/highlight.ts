import { html, type TemplateResult } from 'lit';

/** Words of a filter: every one has to match. */
export const filterWords = (filter: string): string[] =>
  filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

export const matchesAll = (text: string, words: readonly string[]): boolean => {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
};

/**
 * `text` with the matches marked. `before` is what stands before it in the name that was searched, so that a word that
 * spans both ("layer1.0") marks its part of the text.
 */
export function highlight(text: string, words: readonly string[], before = ''): TemplateResult | string {
  const marked = markedPositions(before + text, words).slice(before.length);
  if (!marked.includes(true)) return text;
  const pieces: { text: string; marked: boolean }[] = [];
  for (let index = 0; index < text.length; index++) {
    const isMarked = marked[index] ?? false;
    const piece = pieces.at(-1);
    if (piece?.marked === isMarked) piece.text += text.charAt(index);
    else pieces.push({ text: text.charAt(index), marked: isMarked });
  }
  return html`${pieces.map((piece) => (piece.marked ? html`<mark>${piece.text}</mark>` : piece.text))}`;
}

function markedPositions(text: string, words: readonly string[]): boolean[] {
  const marked = new Array<boolean>(text.length).fill(false);
  const lower = text.toLowerCase();
  // A few letters change their length with their case: then positions would not fit.
  if (lower.length !== text.length) return marked;
  for (const word of words)
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1))
      marked.fill(true, at, at + word.length);
  return marked;
}
