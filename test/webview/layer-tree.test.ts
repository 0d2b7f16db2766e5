import { describe, expect, it } from 'vitest';
import { buildTree, findLayer, firstExpansion, matchingRows, openRows, type TreeNode } from '../../webview/layers/tree';
import { heaviestModules } from '../../webview/model/modules';
import { convolution, dense, hugeNetwork, layer } from './samples';

const outline = (rows: readonly TreeNode[]): string[] => rows.map((row) => `${'  '.repeat(row.level - 1)}${row.label}`);
const everything = (top: readonly TreeNode[]): Set<string> => {
  const ids = new Set<string>();
  const walk = (nodes: readonly TreeNode[]): void => {
    for (const node of nodes) {
      ids.add(node.id);
      walk(node.children);
    }
  };
  walk(top);
  return ids;
};

describe('tree of layers', () => {
  const layers = [
    convolution('stem', 3, 8, 3, 8),
    convolution('layer1.0.conv1', 8, 8, 3, 8),
    convolution('layer1.0.conv2', 8, 8, 3, 8),
    convolution('layer1.1.conv1', 8, 8, 3, 8),
    dense('head.fc', 8, 10),
  ];

  it('nests by module path, in the order of the model', () => {
    const top = buildTree(layers);
    expect(outline(openRows(top, everything(top)))).toEqual([
      'stem',
      'layer1',
      '  0',
      '    conv1',
      '    conv2',
      '  1',
      '    conv1',
      'head',
      '  fc',
    ]);
  });

  it('sums parameters and bytes, and knows positions among siblings', () => {
    const [, layer1] = buildTree(layers);
    expect(layer1).toMatchObject({ parameters: 3 * 576, bytes: 3 * 2304, position: 2, siblings: 3 });
    expect(layer1?.children.map((child) => [child.position, child.siblings])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('makes one folder of a chain of folders', () => {
    const top = buildTree([dense('model.encoder.0.fc', 4, 4), dense('model.encoder.1.fc', 4, 4)]);
    expect(outline(openRows(top, everything(top)))).toEqual(['model.encoder', '  0', '    fc', '  1', '    fc']);
  });

  it('gives a layer that has layers below both', () => {
    const top = buildTree([dense('block', 4, 4), dense('block.inner', 4, 4)]);
    expect(top).toHaveLength(1);
    expect(top[0]?.layer?.name).toBe('block');
    expect(top[0]?.parameters).toBe(40);
    expect(findLayer(top, 'block.inner')?.parent?.id).toBe('block');
  });

  it('filters by every word, in names and operators, and keeps ancestors', () => {
    const top = buildTree([...layers, layer('layer1.1.relu', { operator: 'Relu' })]);
    expect(outline(matchingRows(top, ['layer1.0', 'conv2']))).toEqual(['layer1', '  0', '    conv2']);
    expect(outline(matchingRows(top, ['relu']))).toEqual(['layer1', '  1', '    relu']);
    expect(matchingRows(top, ['nothing'])).toEqual([]);
  });

  it('expands at first what a first look takes in', () => {
    const small = buildTree(layers);
    expect(openRows(small, firstExpansion(small))).toHaveLength(9);
    const huge = buildTree(hugeNetwork(2000).layers);
    expect(openRows(huge, firstExpansion(huge)).length).toBeLessThanOrEqual(40);
  });
});

describe('where the bytes are', () => {
  it('sums top-level modules, and looks below a prefix that all layers share', () => {
    const { shown } = heaviestModules([
      dense('model.a.fc', 4, 4),
      dense('model.b.fc', 8, 8),
      dense('model.b.out', 4, 4),
    ]);
    expect(shown.map((module) => [module.name, module.bytes])).toEqual([
      ['model.b', 288 + 80],
      ['model.a', 80],
    ]);
  });

  it('puts small modules together, and loses no byte', () => {
    const many = Array.from({ length: 20 }, (_, index) => dense(`m${index}.fc`, 4, 4 + index));
    const { shown, rest } = heaviestModules(many);
    const all = many.reduce((sum, one) => sum + one.bytes, 0);
    expect(rest?.name).toBe('12 others');
    expect(shown.reduce((sum, module) => sum + module.bytes, rest?.bytes ?? 0)).toBe(all);
  });
});
