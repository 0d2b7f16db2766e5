import { numberFlag, usage } from './flag-values';

/** What `--constant NAME=NUMBER`, given as often as there are such inputs, says; undefined where it was not given. */
export function constantsFromFlags(
  flags: readonly string[] | undefined,
  base: Readonly<Record<string, number>> | undefined,
): Record<string, number> | undefined {
  if (flags === undefined) return undefined;
  const given = flags.map((text) => {
    const end = text.lastIndexOf('=');
    if (end < 1) throw usage(`--constant is '${text}'; give an input and a number, as in --constant state=0.`);
    return [text.slice(0, end), numberFlag('--constant', text.slice(end + 1)) ?? 0] as const;
  });
  return { ...base, ...Object.fromEntries(given) };
}

/** The flags that say the same; the equals sign keeps names that begin with a dash from being read as flags. */
export function flagsOfConstants(constants: Readonly<Record<string, number>>): string[] {
  return Object.entries(constants).map(([name, value]) => `--constant=${name}=${value}`);
}
