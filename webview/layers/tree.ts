import type { ModelMessage } from '../../src/protocol/page-messages';
import { matchesAll } from '../shared/highlight';

export type Layer = ModelMessage['summary']['layers'][number];

/** Names are the file's: one of a thousand parts must not become a thousand levels. */
const MAX_DEPTH = 32;

export interface TreeNode {
  /** Unique in the tree, the same for every reading of a file: the path, dotted. */
  id: string;
  label: string;
  /** What stands before the label in the dotted path. */
  prefix: string;
  parent: TreeNode | null;
  children: TreeNode[];
  layer: Layer | null;
  /** 1 at the top. */
  level: number;
  /** From 1, among its siblings. */
  position: number;
  siblings: number;
  /** Sums over the layer itself and all below. */
  parameters: number;
  bytes: number;
  /** The layers below, its own included, in the model's order. */
  layers: Layer[];
}

/** The tree of the layers' paths, in the order of the model; a chain of folders with one child each is one folder. */
export function buildTree(layers: readonly Layer[]): TreeNode[] {
  const root = node('', '', null);
  const byId = new Map<string, TreeNode>();
  for (const layer of layers) place(layer, root, byId);
  for (const child of root.children) joinChains(child);
  settle(root, 0);
  return root.children;
}

function node(id: string, label: string, parent: TreeNode | null): TreeNode {
  const prefix = id.slice(0, id.length - label.length);
  return {
    ...{ id, label, prefix, parent, children: [], layer: null },
    ...{ level: 0, position: 1, siblings: 1, parameters: 0, bytes: 0, layers: [] },
  };
}

function place(layer: Layer, root: TreeNode, byId: Map<string, TreeNode>): void {
  let at = root;
  for (const part of shortPath(layer)) at = child(at, part, byId);
  // Two layers of one path, which a sound summary never has, both stay visible.
  if (at.layer) at = child(at, layer.name, byId);
  at.layer = layer;
}

function shortPath(layer: Layer): string[] {
  const path = layer.path.length > 0 ? layer.path : [layer.name];
  if (path.length <= MAX_DEPTH) return path;
  return [...path.slice(0, MAX_DEPTH - 1), path.slice(MAX_DEPTH - 1).join('.')];
}

function child(parent: TreeNode, label: string, byId: Map<string, TreeNode>): TreeNode {
  const id = parent.id === '' ? label : `${parent.id}.${label}`;
  const known = byId.get(id);
  if (known) return known;
  const made = node(id, label, parent);
  byId.set(id, made);
  parent.children.push(made);
  return made;
}

function joinChains(folder: TreeNode): void {
  let only = folder.children[0];
  while (folder.children.length === 1 && !folder.layer && only && only.children.length > 0 && !only.layer) {
    Object.assign(folder, { id: only.id, label: `${folder.label}.${only.label}`, children: only.children });
    for (const grandchild of folder.children) grandchild.parent = folder;
    only = folder.children[0];
  }
  for (const below of folder.children) joinChains(below);
}

function settle(parent: TreeNode, level: number): void {
  parent.level = level;
  if (parent.layer) add(parent, parent.layer.parameters, parent.layer.bytes, [parent.layer]);
  for (const [index, below] of parent.children.entries()) {
    below.position = index + 1;
    below.siblings = parent.children.length;
    settle(below, level + 1);
    add(parent, below.parameters, below.bytes, below.layers);
  }
}

function add(to: TreeNode, parameters: number, bytes: number, layers: readonly Layer[]): void {
  to.parameters += parameters;
  to.bytes += bytes;
  for (const layer of layers) to.layers.push(layer);
}

/** The rows of what is expanded, from top to bottom. */
export function openRows(top: readonly TreeNode[], expanded: ReadonlySet<string>): TreeNode[] {
  const rows: TreeNode[] = [];
  const walk = (nodes: readonly TreeNode[]): void => {
    for (const at of nodes) {
      rows.push(at);
      if (expanded.has(at.id)) walk(at.children);
    }
  };
  walk(top);
  return rows;
}

/** The rows of a filter: layers whose name or operator holds every word, and what stands above them. */
export function matchingRows(top: readonly TreeNode[], words: readonly string[]): TreeNode[] {
  const rows: TreeNode[] = [];
  const walk = (nodes: readonly TreeNode[]): boolean => {
    let any = false;
    for (const at of nodes) {
      const place = rows.push(at);
      const own = at.layer !== null && matchesAll(`${at.id} ${at.layer.operator}`, words);
      const below = walk(at.children);
      if (own || below) any = true;
      else rows.length = place - 1;
    }
    return any;
  };
  walk(top);
  return rows;
}

/** Rows that a first look takes in. */
const FIRST_ROWS = 40;

/** What to expand at first: level by level, as long as all rows fit a first look. */
export function firstExpansion(top: readonly TreeNode[]): Set<string> {
  const expanded = new Set<string>();
  let rows = top.length;
  let level = top.filter((at) => at.children.length > 0);
  while (level.length > 0) {
    const below = level.flatMap((at) => at.children);
    rows += below.length;
    if (rows > FIRST_ROWS) break;
    for (const at of level) expanded.add(at.id);
    level = below.filter((at) => at.children.length > 0);
  }
  return expanded;
}

export function findLayer(top: readonly TreeNode[], name: string): TreeNode | null {
  for (const at of top) {
    if (at.layer?.name === name) return at;
    const below = findLayer(at.children, name);
    if (below) return below;
  }
  return null;
}

export function ancestors(of: TreeNode): TreeNode[] {
  const found: TreeNode[] = [];
  for (let at = of.parent; at && at.level > 0; at = at.parent) found.push(at);
  return found;
}
