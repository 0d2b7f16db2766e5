import type { InputSection } from '../../../recipe/recipe.schema';
import { factorText } from '../../../recipe/input-flags';

/** How pictures are prepared, in words: "640 x 640, letterbox, BGR, times 1/255, minus 0.485, 0.456 and 0.406". */
export function preparationText(section: InputSection): string {
  const { size, crop, shorterSide, pad, channels, layout, scale, mean, deviation } = section;
  const parts = [
    size === undefined ? null : `${size[1]} x ${size[0]} pixels`,
    crop === undefined ? null : cropText(crop, shorterSide),
    pad === undefined ? null : `padded with ${listText(pad)}`,
    channels === undefined ? null : channels === 'gray' ? 'gray' : channels.toUpperCase(),
    layout === undefined || layout === 'as-is' ? null : layout,
    scale === undefined ? null : `times ${factorText(scale)}`,
    mean === undefined ? null : `minus ${listText(mean)}`,
    deviation === undefined ? null : `divided by ${listText(deviation)}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function cropText(crop: NonNullable<InputSection['crop']>, shorterSide: number | undefined): string {
  if (crop === 'letterbox') return 'letterbox';
  if (crop === 'stretch') return 'stretched';
  return shorterSide === undefined
    ? 'the middle of each'
    : `the middle of each, its shorter side made ${shorterSide} pixels`;
}

function listText(values: number | readonly number[]): string {
  const [last, ...rest] = [values].flat().map(String).reverse();
  return rest.length === 0 ? (last ?? '') : `${rest.reverse().join(', ')} and ${last ?? ''}`;
}
