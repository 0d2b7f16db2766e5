import { numberFlag, usage } from './flag-values';

/** A flag as the option parser gives it. */
export type FlagValue = string | readonly string[] | boolean | undefined;

/** A flag of the command line, and the field of a recipe's step that says the same. */
export interface LearningFlag {
  readonly field: string;
  /** "weight-decay", for `--weight-decay`. */
  readonly name: string;
  /** What stands for its value in the help; null where the flag says it all. */
  readonly value: string | null;
  readonly several: boolean;
  /** Where `--no-…` says the opposite. */
  readonly negatable: boolean;
  /** Instead of what the recipe's schema says. */
  readonly help?: string;
  /** @throws EdgewiseError `usage` naming the flag */
  read(value: Exclude<FlagValue, undefined>): unknown;
  /** The words that say a value of the field. */
  write(value: unknown): string[];
}

type Options = Partial<Pick<LearningFlag, 'help' | 'negatable'>>;

const base = { several: false, negatable: false };

export function numberOf(field: string, name: string, value: string, options: Options = {}): LearningFlag {
  return {
    ...{ ...base, field, name, value, ...options },
    read: (given) => numberFlag(`--${name}`, String(given)),
    write: (given) => [`--${name}`, String(given)],
  };
}

export function wordOf(field: string, name: string, value: string, options: Options = {}): LearningFlag {
  return textOf(field, name, value, { read: (text) => text, write: String }, options);
}

/** A text of its own form. */
export function textOf(
  field: string,
  name: string,
  value: string,
  form: { read(text: string): unknown; write(value: unknown): string },
  options: Options = {},
): LearningFlag {
  return {
    ...{ ...base, field, name, value, ...options },
    read: (given) => form.read(String(given)),
    write: (given) => [`--${name}`, form.write(given)],
  };
}

/** A flag that can be given several times, once an entry. */
export function listOf(
  field: string,
  name: string,
  value: string,
  form: { read(texts: readonly string[]): unknown; write(value: unknown): readonly string[] } = plainList,
): LearningFlag {
  return {
    ...{ ...base, field, name, value, several: true },
    read: (given) => form.read(Array.isArray(given) ? given.map(String) : [String(given)]),
    write: (given) => form.write(given).flatMap((text) => [`--${name}`, text]),
  };
}

const plainList = {
  read: (texts: readonly string[]) => [...texts],
  write: (value: unknown) => (Array.isArray(value) ? value.map(String) : [String(value)]),
};

/** A field that is true or false. */
export function switchOf(field: string, name: string, options: Options = {}): LearningFlag {
  const { negatable = false } = options;
  return {
    ...{ ...base, field, name, value: null, ...options },
    read: (given) => given === true,
    write: (given) => (given === true ? [`--${name}`] : negatable ? [`--no-${name}`] : []),
  };
}

/** "flip,shift=2": options that a text lists. @throws EdgewiseError `usage` */
export function pairsOf(flag: string, text: string, names: readonly string[]): (readonly [string, string | null])[] {
  return text.split(',').map((part) => {
    const [name = '', value, ...more] = part.split('=');
    if (names.includes(name) && more.length === 0) return [name, value ?? null] as const;
    throw usage(`${flag} has '${part}'; give ${names.join(', ')}, as in ${flag} ${names[0] ?? ''}.`);
  });
}

/** The option's name as the parser keeps it: "weightDecay". */
export const keyOf = ({ name }: LearningFlag): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
