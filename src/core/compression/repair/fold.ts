import { openWeights } from '../../formats/weight-reader';
import { foldedModel } from '../folding/batch-normalization';
import type { RepairPass } from './repair';

/** Batch normalization goes into the layers before it, so that what is rounded is what runs. */
export const fold: RepairPass = {
  name: 'fold',
  title: 'Folding batch normalization',
  needs: 'nothing',
  keepsFunction: true,
  run: async (model, plan) => {
    const reader = await openWeights(model);
    try {
      const folded = await foldedModel(model, reader);
      const schemes = new Map(plan);
      for (const [name, origin] of folded.madeOf) {
        const scheme = plan.get(origin);
        if (scheme !== undefined) schemes.set(name, scheme);
      }
      for (const name of schemes.keys()) if (!folded.model.graph.weights.has(name)) schemes.delete(name);
      return { model: folded.model, plan: schemes };
    } finally {
      await reader.close();
    }
  },
};
