import type { Scheme } from './schemes';

/** A scheme as options of the command line: "--scale 1/255 --mean 0.5 --channels bgr". */
export function preprocessingFlags({ scale, mean, deviation, channels, layout }: Scheme['input']): string {
  const options: readonly (readonly [string, string | undefined])[] = [
    ['--scale', scale === undefined ? undefined : factorText(scale)],
    ['--mean', listText(mean)],
    ['--deviation', listText(deviation)],
    ['--channels', channels],
    ['--layout', layout],
  ];
  return options.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${value}`])).join(' ');
}

function listText(values: number | readonly number[] | undefined): string | undefined {
  return typeof values === 'object' ? values.join(',') : values?.toString();
}

/** Fractions of 255 as people write them. */
export function factorText(factor: number): string {
  const inverse = 255 * factor;
  const isFraction = Number.isInteger(inverse) && inverse !== 0 && !Number.isInteger(factor);
  return isFraction ? `${inverse}/255` : String(factor);
}
