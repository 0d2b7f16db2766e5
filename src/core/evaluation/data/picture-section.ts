import type { InputSection } from '../../recipe/recipe.schema';
import type { InputTarget } from './raw-set';

/** Fields that mean something together: a recipe that declares one of a group declares the group. */
const TOGETHER: readonly (readonly (keyof InputSection)[])[] = [
  ['scale', 'mean', 'deviation'],
  ['crop', 'shorterSide', 'pad'],
];

/**
 * How pictures become an input: what the recipe declares, and for the rest what the model's metadata say. For bytes of
 * pictures only: values that were prepared before are as the recipe has them.
 */
export function pictureSection({ section, stated }: Pick<InputTarget, 'section' | 'stated'>): InputSection {
  if (stated === undefined || section === null) return section ?? stated ?? {};
  const declared = TOGETHER.filter((group) => group.some((field) => section[field] !== undefined)).flat();
  const rest = Object.entries(stated).filter(([field]) => !declared.some((one) => one === field));
  return { ...Object.fromEntries(rest), ...section };
}
