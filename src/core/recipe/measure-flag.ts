import * as z from 'zod';
import { numberFlag, usage } from './flag-values';
import { kept, partsOf } from './hint-flag';
import { textOf, type LearningFlag } from './learning-flag';

// "0.5,end=0.6,layer=conv1,layer=conv2": how much first, then numbers by their names, and the layers that it is for. A
// backslash keeps an equals sign or a comma that is part of a name.

const measureSchema = z.object({ layers: z.array(z.string()).optional() }).catchall(z.number().optional());

/**
 * A field that holds numbers, and layers.
 * @param first the number without which there is nothing
 * @param more names of the others
 */
export function measureOf(field: string, first: string, more: readonly string[], help: string): LearningFlag {
  const flag = `--${field}`;
  const read = (text: string): object => {
    const [[start = ''] = [], ...options] = partsOf(text);
    const layers = options.flatMap(([name, layer = '']) => (name === 'layer' ? [layer] : []));
    const numbers = options.filter(([name]) => name !== 'layer');
    const isKnown = numbers.every(([name = '', , ...rest]) => more.includes(name) && rest.length === 0);
    if (start === '' || !isKnown)
      throw usage(
        `${flag} is '${text}'; give a number, then ${[...more, 'layer'].join(', ')}, as in ${flag} 0.5,end=0.6.`,
      );
    return {
      [first]: numberFlag(flag, start),
      ...Object.fromEntries(numbers.map(([name = '', value]) => [name, numberFlag(`${flag} ${name}`, value)])),
      ...(layers.length > 0 ? { layers } : {}),
    };
  };
  const write = (value: unknown): string => {
    const { layers = [], [first]: start, ...rest } = measureSchema.parse(value);
    const numbers = Object.entries(rest).flatMap(([name, number]) => (number === undefined ? [] : `${name}=${number}`));
    return [String(start), ...numbers, ...layers.map((layer) => `layer=${kept(layer)}`)].join(',');
  };
  return textOf(field, field, first, { read, write }, { help });
}
