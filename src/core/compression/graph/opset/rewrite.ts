import type { Node, Weight } from '../../../model/model';
import type { FreshNames } from '../fresh-names';

/** What a rewrite of one node may ask and add. */
export interface RewriteScope {
  /** The operator set the graph was written in. */
  readonly from: number;
  readonly names: FreshNames;
  /** Dimensions of a value; null where unknown. */
  rankOf(value: string): number | null;
  weight(name: string): Weight | undefined;
  /** Adds an initializer; gives its name. */
  add(weight: Weight): string;
}

/** The nodes that mean at opset 13 what `node` meant; null when there are none. */
export type Rewrite = (node: Node, scope: RewriteScope) => readonly Node[] | null;
