import { inferShapes } from '../../../analysis/shapes';
import type { Model } from '../../../model/model';

/** Dimensions of a value, null where unknown: shapes are inferred once, when they are first asked for. */
export function ranksOf(model: Model): (value: string) => number | null {
  let types: ReturnType<typeof inferShapes> | null = null;
  return (value) => {
    types ??= inferShapes(model);
    return types.get(value)?.shape?.length ?? null;
  };
}
