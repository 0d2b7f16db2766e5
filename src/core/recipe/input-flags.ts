import { dropUndefined, listFlag, numberFlag, usage } from './flag-values';
import type { DataFlags } from './flags';
import type { InputSection } from './recipe.schema';

/** What the flags of an input say of it, before the schema has looked at it; undefined where none was given. */
export function inputFromFlags(flags: DataFlags, base: InputSection | undefined): object | undefined {
  const audio = dropUndefined({
    rate: numberFlag('--sample-rate', flags.sampleRate),
    mels: numberFlag('--mels', flags.mels),
    window: numberFlag('--window', flags.window),
    hop: numberFlag('--hop', flags.hop),
  });
  const given = dropUndefined({
    name: flags.input,
    layout: flags.layout,
    size: flags.size === undefined ? undefined : sizeFlag(flags.size),
    crop: flags.crop,
    shorterSide: numberFlag('--shorter-side', flags.shorterSide),
    pad: listFlag('--pad', flags.pad),
    channels: flags.channels,
    scale: numberFlag('--scale', flags.scale),
    mean: listFlag('--mean', flags.mean),
    deviation: listFlag('--deviation', flags.deviation),
    column: flags.column === undefined ? undefined : columnFlag(flags.column),
    tokenizer: flags.tokenizer,
    maxLength: numberFlag('--max-length', flags.maxLength),
    audio: Object.keys(audio).length === 0 ? undefined : { ...base?.audio, ...audio },
  });
  return Object.keys(given).length === 0 ? undefined : { ...base, ...given };
}

/** The flags that say the same. */
export function flagsOfInput(input: InputSection): string[] {
  const { column, audio } = input;
  const flags: readonly (readonly [string, string | number | undefined])[] = [
    ['--input', input.name],
    ['--layout', input.layout],
    ['--size', input.size?.join('x')],
    ['--crop', input.crop],
    ['--shorter-side', input.shorterSide],
    ['--pad', listText(input.pad)],
    ['--channels', input.channels],
    ['--scale', input.scale === undefined ? undefined : factorText(input.scale)],
    ['--mean', listText(input.mean)],
    ['--deviation', listText(input.deviation)],
    ...[column ?? []].flat().map((name) => ['--column', name] as const),
    ['--tokenizer', input.tokenizer],
    ['--max-length', input.maxLength],
    ['--sample-rate', audio?.rate],
    ['--mels', audio?.mels],
    ['--window', audio?.window],
    ['--hop', audio?.hop],
  ];
  return flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
}

function sizeFlag(text: string): [number, number] {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (!match) throw usage(`--size is '${text}'; give height and width, as in --size 224x224.`);
  return [Number(match[1]), Number(match[2])];
}

function columnFlag(names: readonly string[]): string | string[] {
  const [only = '', ...more] = names;
  return more.length === 0 ? only : [only, ...more];
}

function listText(values: number | readonly number[] | undefined): string | undefined {
  return values === undefined ? undefined : [values].flat().join(',');
}

/** Fractions of 255 as people write them. */
export function factorText(factor: number): string {
  const inverse = 255 * factor;
  const isFraction = Number.isInteger(inverse) && inverse !== 0 && !Number.isInteger(factor);
  // What is written is read back as the same number.
  return isFraction && inverse / 255 === factor ? `${inverse}/255` : String(factor);
}
