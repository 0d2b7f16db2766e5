import type { Model } from '../model/model';
import { parseDimension } from './shapes/dimension-text';
import type { Extent } from './shapes/extent';
import { extentText } from './shapes/extent';

/** The lengths of every input dimension that depends on a symbol, with its axis. */
function symbolicExtents(model: Model, dims: Readonly<Record<string, number>>): { text: string; axis: number }[] {
  return model.graph.inputs
    .filter((input) => !model.graph.weights.has(input.name))
    .flatMap((input) =>
      (input.type.shape ?? []).flatMap((dimension, axis) => {
        const extent: Extent = parseDimension(dimension ?? `${input.name}[${axis}]`, dims);
        return extent === null || typeof extent === 'number' ? [] : [{ text: extentText(extent), axis }];
      }),
    );
}

/** Names of the inputs' dimensions that have no value, each once. A dimension that the file leaves out is `input[axis]`. */
export function freeSymbols(model: Model, dims: Readonly<Record<string, number>>): string[] {
  return [...new Set(symbolicExtents(model, dims).map(({ text }) => text))];
}

/** The one symbol of a model, where it is the leading dimension of its inputs and nothing else: the batch. */
export function batchSymbol(
  model: Model,
  dims: Readonly<Record<string, number>>,
  symbols: readonly string[],
): string | null {
  const leading = symbolicExtents(model, dims).every(({ axis }) => axis === 0);
  return leading && symbols.length === 1 ? (symbols[0] ?? null) : null;
}
