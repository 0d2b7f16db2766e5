import { dropUndefined, numberFlag, usage } from './flag-values';
import type { WeightOverride } from './recipe.schema';
import { weightsFlag, weightsText } from './weights-flag';

// "weights=4,granularity=tensor:conv1": what is different, then the layer, an operator or a pattern as it stands. Layers in a row
// with the same options are one entry of the recipe.

/** What an override can say, by its name in a flag; a new option is one line. */
const OPTIONS: Readonly<Record<Exclude<keyof WeightOverride, 'layers'>, (text: string) => unknown>> = {
  weights: (text) => weightsFlag('--layer weights', text),
  encoding: (text) => text,
  granularity: (text) => text,
  block: (text) => numberFlag('--layer block', text),
  group: (text) => numberFlag('--layer group', text),
  scales: (text) => text,
  symmetric: (text) => yesOrNo(text),
  sparsity: (text) => numberFlag('--layer sparsity', text),
};

/** Overrides of a step from `--layer`, before the schema has looked at them; undefined where it was not given. */
export function overridesFromFlags(texts: readonly string[] | undefined): object[] | undefined {
  if (texts === undefined) return undefined;
  const overrides: { options: string; layers: string[] }[] = [];
  for (const text of texts) {
    const colon = text.indexOf(':');
    const layer = text.slice(colon + 1);
    if (colon < 0 || layer === '')
      throw usage(`--layer is '${text}'; give options and a layer, as in --layer weights=4,granularity=tensor:conv1.`);
    const options = text.slice(0, colon);
    const last = overrides[overrides.length - 1];
    if (last?.options === options) last.layers.push(layer);
    else overrides.push({ options, layers: [layer] });
  }
  return overrides.map(({ options, layers }) => ({ layers, ...optionsOf(options) }));
}

/** The flags that say the same. */
export function flagsOfOverrides(overrides: readonly WeightOverride[]): string[] {
  return overrides.flatMap((override) => {
    const { layers, ...options } = override;
    const texts = Object.entries(dropUndefined(options)).map(([name, value]) => `${name}=${textOf(value)}`);
    return layers.flatMap((layer) => ['--layer', `${texts.join(',')}:${layer}`]);
  });
}

function textOf(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return weightsText(String(value));
}

function optionsOf(text: string): object {
  const given = text === '' ? [] : text.split(',');
  const options = given.map((option): [string, unknown] => {
    const [name = '', ...value] = option.split('=');
    const read = Object.entries(OPTIONS).find(([one]) => one === name)?.[1];
    if (read === undefined || value.length !== 1)
      throw usage(`--layer has '${option}'; give ${Object.keys(OPTIONS).join(', ')}, as in block=32.`);
    return [name, read(value[0] ?? '')];
  });
  return dropUndefined(Object.fromEntries(options));
}

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw usage(`--layer has symmetric=${text}; use yes or no.`);
}
