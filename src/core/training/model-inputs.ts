import { Inference } from '../analysis/shapes/inference';
import { EdgewiseError } from '../errors';
import type { Model } from '../model/model';
import type { Names } from './graph/builder';
import { Term } from './graph/term';

/**
 * A model's inputs with numbers for all dimensions, by name.
 * @throws EdgewiseError `unsupported` when one is left open
 */
export function modelInputs(model: Model, dims: Readonly<Record<string, number>>, names: Names): Map<string, Term> {
  const inference = new Inference(model, dims);
  const inputs = new Map<string, Term>();
  for (const { name } of model.graph.inputs) {
    if (model.graph.weights.has(name)) continue;
    const { dtype, shape } = inference.factsOf(model.graph, name);
    const lengths = shape?.flatMap((length) => (typeof length === 'number' ? [length] : [])) ?? [];
    if (dtype === null || shape === null || lengths.length !== shape.length)
      throw new EdgewiseError(
        'unsupported',
        `Input "${name}" has a length that is left open. Give it with --dim, as in --dim height=224.`,
      );
    inputs.set(name, new Term(names.like(name), dtype, lengths));
  }
  return inputs;
}

/** Values for the batch's symbol: the first dimension of each input, whatever it is called. */
export function batchDims(model: Model, batch: number): Record<string, number> {
  const dims: Record<string, number> = {};
  for (const { name, type } of model.graph.inputs) {
    const first = type.shape?.[0];
    if (first === null) dims[`${name}[0]`] = batch;
    else if (typeof first === 'string') dims[first] = batch;
  }
  return dims;
}

/** The batch that the model's inputs are fixed to; null where any number of samples goes. */
export function fixedBatchOf(model: Model): number | null {
  for (const { name, type } of model.graph.inputs) {
    const first = type.shape?.[0];
    if (!model.graph.weights.has(name) && typeof first === 'number') return first;
  }
  return null;
}
