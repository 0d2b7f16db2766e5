import type { LayerSummary, ModelSummary } from '../../analysis/summary.schema';
import type { WeightError } from '../../compression/weight-error';
import type { ReportLayer } from '../report.schema';

/** What stands for the encoding of a layer that is no longer there: it was folded into another one. */
const GONE = 'folded away';

/**
 * Every layer with weights, before and after, matched by name, in the order of the original.
 * @param errors of the written file against the original
 */
export function reportLayers(before: ModelSummary, after: ModelSummary, errors: readonly WeightError[]): ReportLayer[] {
  const written = new Map(after.layers.map((layer) => [layer.name, layer]));
  const sqnr = new Map(errors.map(({ layer, sqnrDb }) => [layer, sqnrDb]));
  return before.layers
    .filter(({ weights }) => weights.length > 0)
    .map((layer) => {
      const now = written.get(layer.name);
      return {
        name: layer.name,
        operator: layer.operator,
        parameters: layer.parameters,
        bytesBefore: layer.bytes,
        bytesAfter: now?.bytes ?? 0,
        encoding: now ? encodingOf(now) : GONE,
        sqnrDb: sqnr.get(layer.name) ?? null,
      };
    });
}

/** Of what the layer computes with; its bias follows. */
function encodingOf({ weights }: LayerSummary): string {
  const main = weights.find(({ role }) => role === 'weight') ?? weights[0];
  return main?.encodingLabel ?? '';
}
