import type { Model } from '../../../model/model';
import type { FileNeeds } from './unpacked-weight';

/** Before it, every initializer has to be listed among the graph's inputs as well. */
export const FREE_INITIALIZERS_IR = 4;

/** The version of the standard operators. */
export function opsetOf(model: Model): number {
  return model.opsets.get('') ?? model.opsets.get('ai.onnx') ?? 1;
}

/** "IR 8"; unknown counts as new. */
export function irVersionOf(model: Model): number {
  const version = /^IR (\d+)$/.exec(model.formatVersion)?.[1];
  return version === undefined ? FREE_INITIALIZERS_IR : Number(version);
}

/** The model stating at least what is needed: versions of the format that add to older ones, and domains of operators. */
export function meeting(model: Model, needs: readonly FileNeeds[]): Model {
  const irVersion = Math.max(0, ...needs.map((need) => need.irVersion ?? 0));
  const domains = needs.flatMap((need) => [...(need.opsets ?? [])]).filter(([domain]) => !model.opsets.has(domain));
  const formatVersion = irVersion > irVersionOf(model) ? `IR ${irVersion}` : model.formatVersion;
  if (formatVersion === model.formatVersion && domains.length === 0) return model;
  return {
    ...model,
    formatVersion,
    opsets: domains.length === 0 ? model.opsets : new Map([...model.opsets, ...domains]),
  };
}
