export interface Column {
  title: string;
  align: 'left' | 'right';
  /** Longer texts are cut in the middle, where names differ least. */
  maxWidth?: number;
}

/**
 * Rows as aligned text for a terminal, two spaces between columns, a rule under the header. Signs that would move the
 * cursor or colour the terminal (names come from files) are shown as `\xNN`.
 */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => columns.map((column, index) => cut(printable(row[index] ?? ''), column.maxWidth)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const text = texts[index] ?? '';
        const width = widths[index] ?? 0;
        return align === 'right' ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(columns.map(({ title }) => title)), rule, ...cells.map(line)].join('\n');
}

/** Control characters, and those that turn the direction of text, escaped. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (sign) => {
    const code = sign.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

function cut(text: string, maxWidth: number | undefined): string {
  if (maxWidth === undefined || text.length <= maxWidth) return text;
  const kept = maxWidth - 1;
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
}
