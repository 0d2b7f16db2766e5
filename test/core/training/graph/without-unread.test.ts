import { describe, expect, it } from 'vitest';
import { newNode } from '../../../../src/core/compression/graph/new-nodes';
import { float32Weight } from '../../../../src/core/compression/graph/new-weights';
import type { Graph, Node } from '../../../../src/core/model/model';
import { EMPTY_GRAPH } from '../../../../src/core/training/training-graph';
import { withoutUnread } from '../../../../src/core/training/without-unread';

const graphOf = (nodes: readonly Node[]): Graph => ({
  ...EMPTY_GRAPH,
  nodes,
  inputs: [{ name: 'x', type: { dtype: 'float32', shape: [2] } }],
  outputs: [{ name: 'y', type: { dtype: 'float32', shape: [2] } }],
  weights: new Map(['read', 'unread'].map((name) => [name, float32Weight(name, [2], Float32Array.of(1, 2))])),
});

describe('a graph without what nobody reads', () => {
  it('loses chains that end nowhere, and the weights of such nodes', () => {
    const kept = newNode('Add', ['x', 'read'], ['y']);
    const graph = withoutUnread(graphOf([kept, newNode('Mul', ['x', 'unread'], ['a']), newNode('Relu', ['a'], ['b'])]));
    expect(graph.nodes).toEqual([kept]);
    expect([...graph.weights.keys()]).toEqual(['read']);
  });

  it('keeps a node of which one output is read, and what feeds it', () => {
    const nodes = [newNode('Neg', ['x'], ['n']), newNode('Split', ['n'], ['y', 'rest'])];
    expect(withoutUnread(graphOf(nodes)).nodes).toEqual(nodes);
  });

  it('keeps what only a branch reads', () => {
    const branch: Graph = {
      ...EMPTY_GRAPH,
      nodes: [newNode('Relu', ['outside'], ['inside'])],
      outputs: [{ name: 'inside', type: { dtype: 'float32', shape: [2] } }],
    };
    const attribute = { kind: 'graph', value: branch } as const;
    const nodes = [
      newNode('Neg', ['x'], ['outside']),
      newNode('If', ['flag'], ['y'], { then_branch: attribute, else_branch: attribute }),
    ];
    expect(withoutUnread(graphOf(nodes)).nodes).toEqual(nodes);
  });
});
