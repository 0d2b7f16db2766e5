import { orList } from './allowed';
import { usage } from './flag-values';

/** Weights by number of bits; floats go by their name. */
const BITS = ['8', '6', '5', '4', '3', '2', '1'];
const FLOATS = ['float16', 'bfloat16', 'float32'];

/** "4" and "int4" are int4. @throws EdgewiseError `usage` naming the flag */
export function weightsFlag(flag: string, text: string): string {
  if (BITS.includes(text)) return `int${text}`;
  if (FLOATS.includes(text) || BITS.includes(text.replace(/^int/, ''))) return text;
  throw usage(`${flag} is '${text}'; use ${orList([...BITS, ...FLOATS])}.`);
}

/** The same back: "4". */
export function weightsText(weights: string): string {
  return weights.replace(/^int/, '');
}
