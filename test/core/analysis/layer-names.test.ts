import { describe, expect, test } from 'vitest';
import { MAX_NAME_LENGTH, pathOf } from '../../../src/core/analysis/layer-names';
import { summarize } from '../../../src/core/analysis/summary';
import type { Node, Weight } from '../../../src/core/model/model';
import type { NodeFacts } from './graphs';
import { graph, model, node, value, weight } from './graphs';

/** Names of the layers of a graph that runs its nodes one after another on one value. */
function names(nodes: Node[], weights: Weight[] = []): string[] {
  const built = model({ nodes, weights, inputs: [value('x0', [1, 4, 8, 8])], outputs: [] });
  return summarize(built).layers.map((layer) => layer.name);
}

let step = 0;
function conv(weightName: string, facts: NodeFacts = {}): Node {
  step += 1;
  return node('Conv', ['x0', weightName], [`y${step}`], facts);
}
function relu(facts: NodeFacts = {}): Node {
  step += 1;
  return node('Relu', ['x0'], [`y${step}`], facts);
}
const filters = (name: string): Weight => weight(name, [4, 4, 3, 3]);
const scopes = (text: string): NodeFacts => ({ name: 'node_conv2d', metadata: { 'pkg.torch.onnx.name_scopes': text } });

describe('the identity of a layer', () => {
  test('is its module: the scope that the newer PyTorch exporter writes', () => {
    const nodes = [conv('w', scopes("['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d']"))];
    expect(names(nodes, [filters('w')])).toEqual(['layer1.0.conv1']);
  });

  test('is that of the convolution where a batch norm was folded into it and its scope was kept', () => {
    const nodes = [conv('layer1.0.conv1.weight', scopes("['', 'layer1', 'layer1.0.bn1', '_native_batch_norm_1']"))];
    expect(names(nodes, [filters('layer1.0.conv1.weight')])).toEqual(['layer1.0.conv1']);
  });

  test('is its path, of which the older exporter repeats the beginnings', () => {
    const nodes = [
      conv('onnx::Conv_1', { name: '/layer1/layer1.0/conv1/Conv' }),
      conv('onnx::Conv_2', { name: '/layer2/layer2.0/downsample/downsample.0/Conv' }),
      conv('onnx::Conv_3', { name: '/features/features.1/conv/conv.0/conv.0.0/Conv' }),
      conv('onnx::Conv_4', { name: '/conv1/Conv' }),
    ];
    const weights = [1, 2, 3, 4].map((number) => filters(`onnx::Conv_${number}`));
    expect(names(nodes, weights)).toEqual(['layer1.0.conv1', 'layer2.0.downsample.0', 'features.1.conv.0.0', 'conv1']);
  });

  test("is the weight's name where the node has none", () => {
    const nodes = [conv('backbone.stem.weight', { name: 'Conv_0' }), conv('stage1_conv0_weight')];
    expect(names(nodes, [filters('backbone.stem.weight'), filters('stage1_conv0_weight')])).toEqual([
      'backbone.stem',
      'stage1_conv0',
    ]);
  });

  test('is a TensorFlow scope without the model around it and the operation at its end', () => {
    const nodes = [
      conv('const_fold_opt__1', { name: 'model/conv1/Conv2D' }),
      conv('const_fold_opt__2', { name: 'StatefulPartitionedCall/model_1/block_2/expand/Conv2D__16' }),
      conv('const_fold_opt__3', { name: 'model_1/a/conv1d_3;model_1/a/conv1d_31' }),
    ];
    const weights = [1, 2, 3].map((number) => filters(`const_fold_opt__${number}`));
    expect(names(nodes, weights)).toEqual(['conv1', 'block_2.expand', 'a.conv1d_3']);
  });

  test('is operator and index where nothing speaks; made-up names of weights never show', () => {
    const nodes = [conv('onnx::Conv_146'), relu(), conv('12'), relu(), conv('val_8')];
    expect(names(nodes, ['onnx::Conv_146', '12', 'val_8'].map(filters))).toEqual([
      'conv_0',
      'relu_0',
      'conv_1',
      'relu_1',
      'conv_2',
    ]);
  });

  test('an activation is named after its module where that holds nothing else, otherwise by its operator', () => {
    const nodes = [
      conv('onnx::Conv_1', { name: '/features/features.0/Conv' }),
      relu({ name: '/features/features.1/Relu' }),
      conv('onnx::Conv_2', { name: '/block/conv/Conv' }),
      relu({ name: '/block/Relu' }),
      relu({ name: '/block/Relu_1' }),
      relu({ name: '/Relu' }),
    ];
    expect(names(nodes, [filters('onnx::Conv_1'), filters('onnx::Conv_2')])).toEqual([
      'features.0',
      'features.1',
      'block.conv',
      'block.relu',
      'block.relu_1',
      'relu',
    ]);
  });

  test('is unique: a module that runs twice, and a module that is called like a suffix', () => {
    const nodes = ['/head/Conv', '/head_1/Conv', '/head/Conv_1'].map((name) => conv('onnx::Conv_1', { name }));
    expect(names(nodes, [filters('onnx::Conv_1')])).toEqual(['head', 'head_1', 'head_2']);
  });

  test('in a branch without names it begins with the branch', () => {
    const branch = graph({ nodes: [node('Relu', ['x0'], ['b'])], outputs: [value('b', null)] });
    const nodes = [node('If', ['c'], ['y'], { attributes: { then_branch: branch, else_branch: branch } })];
    expect(names(nodes)).toEqual(['if_0', 'if_0.then_branch.relu_0', 'if_0.else_branch.relu_0']);
  });
});

describe('names as attacker text', () => {
  test('markup is a name like any other', () => {
    expect(names([conv('w', { name: '/<img src=x onerror=alert(1)>/Conv' })], [filters('w')])).toEqual([
      '<img src=x onerror=alert(1)>',
    ]);
  });

  test('a million characters are cut, and stay unique', () => {
    const long = `/${'a'.repeat(1_000_000)}/Conv`;
    const made = names([conv('w', { name: long }), conv('w', { name: long })], [filters('w')]);
    expect(made[0]).toHaveLength(MAX_NAME_LENGTH);
    expect(made[0]?.endsWith('…')).toBe(true);
    expect(new Set(made).size).toBe(2);
  });

  test('a million parts, quotes that never close, a list of a million scopes', () => {
    const weights = [filters('w')];
    expect(names([conv('w', { name: '/a'.repeat(1_000_000) })], weights)[0]?.length).toBeLessThanOrEqual(
      MAX_NAME_LENGTH,
    );
    expect(names([conv('w', scopes(`['${'\\'.repeat(1_000_000)}`))], weights)).toHaveLength(1);
    expect(names([conv('w', scopes(`[${"'a', ".repeat(1_000_000)}]`))], weights)).toHaveLength(1);
    expect(names([conv('w', { name: 'a;'.repeat(1_000_000) })], weights)).toHaveLength(1);
    expect(pathOf('.'.repeat(1000)).length).toBeLessThanOrEqual(32);
  });

  test('control characters, such as those that steer a terminal, are replaced', () => {
    expect(names([conv('w', { name: '/a\u001b[31m\nb/Conv' })], [filters('w')])).toEqual(['a\ufffd[31m\ufffdb']);
  });

  test('names of object members are names', () => {
    const nodes = ['__proto__', 'constructor', 'toString'].map((name) => node(name, ['x0'], [`${name}:y`]));
    expect(names(nodes)).toEqual(['__proto___0', 'constructor_0', 'to_string_0']);
  });
});
