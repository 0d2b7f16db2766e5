/** Words that no shell changes. A leading tilde or a bare `=` after a word is left to quoting, too. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*$/;

/** One argument, quoted for a POSIX shell where it needs to be. Newlines and quotes survive. */
function shellQuote(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command line that a shell splits into these words again. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(' ');
}
