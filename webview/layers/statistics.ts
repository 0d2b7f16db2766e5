import type { ToLayersView } from '../../src/protocol/layers-view';
import type { TreeNode } from './tree';

export type LayerStatistics = Extract<ToLayersView, { type: 'statistics' }>['layers'][number];

/** What a row shows of the weights below it. */
export interface RowStatistics {
  meanAbsolute: number | null;
  /** 0..1 of the weights are exactly zero. */
  sparsity: number;
  /** 0..1 of what could go, an estimate; null where nothing is said about it. */
  prune: number | null;
  /** True where the weights were looked at and everything had better stay. */
  keep: boolean;
  /** NaN and infinite values. */
  broken: number;
  /** Of one layer; a folder has none. */
  single: LayerStatistics | null;
}

/** The statistics as they arrive. Those of a folder are shown once all have come: half a sum would be a wrong figure. */
export class ArrivedStatistics {
  private readonly byLayer = new Map<string, LayerStatistics>();
  private readonly ofFolders = new Map<string, RowStatistics | null>();
  private done = false;

  add(layers: readonly LayerStatistics[], done: boolean): void {
    for (const layer of layers) this.byLayer.set(layer.layer, layer);
    if (done) this.done = true;
    this.ofFolders.clear();
  }

  of(row: TreeNode): RowStatistics | null {
    if (row.children.length === 0) return row.layer ? this.ofLayer(row.layer.name) : null;
    if (!this.done) return null;
    let known = this.ofFolders.get(row.id);
    if (known === undefined) this.ofFolders.set(row.id, (known = this.together(row)));
    return known;
  }

  private ofLayer(name: string): RowStatistics | null {
    const single = this.byLayer.get(name);
    if (!single) return null;
    const { count, meanAbsolute, zeros, nan, infinite } = single.statistics;
    return {
      meanAbsolute,
      sparsity: count > 0 ? zeros / count : 0,
      prune: single.suggestion?.fraction ?? null,
      keep: single.suggestion === null,
      broken: nan + infinite,
      single,
    };
  }

  /** Means weighted by the number of weights; the share to prune weighted by the layers' parameters. */
  private together(row: TreeNode): RowStatistics | null {
    let count = 0;
    let finite = 0;
    let absolute = 0;
    let zeros = 0;
    let removed = 0;
    let broken = 0;
    for (const layer of row.layers) {
      const known = this.byLayer.get(layer.name);
      if (!known) continue;
      const { statistics, suggestion } = known;
      const notFinite = statistics.nan + statistics.infinite;
      count += statistics.count;
      finite += statistics.count - notFinite;
      absolute += (statistics.meanAbsolute ?? 0) * (statistics.count - notFinite);
      zeros += statistics.zeros;
      broken += notFinite;
      removed += (suggestion?.fraction ?? 0) * layer.parameters;
    }
    if (count === 0) return null;
    const prune = removed > 0 && row.parameters > 0 ? removed / row.parameters : null;
    return {
      ...{ meanAbsolute: finite > 0 ? absolute / finite : null, sparsity: zeros / count },
      ...{ prune, keep: false, broken, single: null },
    };
  }
}
