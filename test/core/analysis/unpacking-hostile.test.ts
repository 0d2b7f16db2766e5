import { expect, test } from 'vitest';
import { layersOf } from '../../../src/core/analysis/layers';
import type { FunctionDefinition, Model, Node } from '../../../src/core/model/model';
import { model, node, value } from '../compression/models';

const call = (opType: string, inputs: string[], outputs: string[]): Node => ({
  ...node(opType, inputs, outputs),
  domain: 'ew',
});
const definition = (name: string, nodes: Node[], output = 'b'): FunctionDefinition => ({
  domain: 'ew',
  name,
  inputs: ['a'],
  outputs: [output],
  nodes,
});

function withNodes(nodes: Node[], functions: FunctionDefinition[] = []): Model {
  return {
    ...model({ nodes, weights: [], inputs: [value('x', [4])], outputs: [value('y', [4])] }),
    functions,
  };
}

test('a function that gives its own argument, called with its own result, is no weight', () => {
  const looped = withNodes([call('Same', ['y'], ['y'])], [definition('Same', [], 'a')]);
  expect(layersOf(looped).flatMap(({ weights }) => weights)).toEqual([]);
});

test('a function that calls itself is no weight', () => {
  const looped = withNodes([call('F', ['x'], ['y'])], [definition('F', [call('F', ['a'], ['b'])])]);
  expect(layersOf(looped).flatMap(({ weights }) => weights)).toEqual([]);
});

test('a table that doubles its work with each node is given up', () => {
  const doubling = Array.from({ length: 60 }, (_, index) => node('Add', [`t${index}`, `t${index}`], [`t${index + 1}`]));
  const constant = node('Constant', [], ['t0'], { value_int: { kind: 'int', value: 1 } });
  const graph = withNodes([
    constant,
    ...doubling,
    node('Reshape', ['t60', 't60'], ['r']),
    node('Add', ['x', 'r'], ['y']),
  ]);
  expect(layersOf(graph).length).toBeGreaterThan(0);
});
