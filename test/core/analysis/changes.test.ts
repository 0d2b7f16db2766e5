import { describe, expect, test } from 'vitest';
import { describeChanges } from '../../../src/core/analysis/changes';
import { conv, layerSummary, modelSummary, weightSummary } from './summaries';

const dense = (name: string, from: number, to: number) =>
  layerSummary(name, { operator: 'Gemm', weights: [weightSummary({ shape: [to, from] })] });

describe('what changed in a model that was exported again', () => {
  test('the usual case: trained further', () => {
    const model = modelSummary([conv('conv1', 16), dense('fc', 64, 10)]);
    expect(describeChanges(model, { ...model })).toEqual(['Weights changed, structure is the same.']);
  });

  test('layers that grew and shrank, in the words of their kind', () => {
    const before = modelSummary([conv('conv1', 16), dense('fc', 1200, 84)]);
    const after = modelSummary([conv('conv1', 32), dense('fc', 1200, 64)]);
    expect(describeChanges(before, after)).toEqual([
      'conv1 grew from 16 to 32 filters.',
      'fc shrank from 84 to 64 neurons.',
    ]);
  });

  test('inputs of a weight alone', () => {
    expect(describeChanges(modelSummary([dense('fc', 400, 10)]), modelSummary([dense('fc', 256, 10)]))).toEqual([
      'fc has weights of 10 x 256, they were 10 x 400.',
    ]);
  });

  test('many layers are told together', () => {
    const before = modelSummary(['a', 'b', 'c', 'd'].map((name) => conv(name, 16)));
    const after = modelSummary(['a', 'b', 'c', 'd'].map((name) => conv(name, 32)));
    expect(describeChanges(before, after)).toEqual([
      '4 layers changed their size: a grew from 16 to 32 filters, and 3 more.',
    ]);
  });

  test('layers added and removed', () => {
    const before = modelSummary([conv('conv1', 16), conv('old', 16)]);
    const after = modelSummary([conv('conv1', 16), ...['a', 'b', 'c', 'd', 'e'].map((name) => conv(name, 16))]);
    expect(describeChanges(before, after)).toEqual(['5 layers added: a, b, c and 2 more.', '1 layer removed: old.']);
  });

  test('another network under the same file name', () => {
    const before = modelSummary([conv('conv1', 16), conv('conv2', 16)]);
    expect(describeChanges(before, modelSummary([conv('stem', 16)]))).toEqual([
      'No layer kept its name: 2 layers before, 1 now.',
    ]);
  });

  test('storage, operator, inputs, opset and exporter', () => {
    const before = modelSummary([conv('conv1', 16), layerSummary('act', { operator: 'Relu' })]);
    const after = modelSummary(
      [conv('conv1', 16, { encodingLabel: 'int8 per channel' }), layerSummary('act', { operator: 'Gelu' })],
      { opset: 20, producer: '', inputs: [{ name: 'image', dtype: 'float32', shape: ['batch', 3, null, null] }] },
    );
    expect(describeChanges(before, after)).toEqual([
      'act is now Gelu, it was Relu.',
      'conv1 is stored as int8 per channel, it was float32.',
      'Input image is now float32 [batch, 3, ?, ?], it was float32 [batch, 1, 28, 28].',
      'Opset changed from 17 to 20.',
      'Written by an unnamed tool, before by pytorch 2.13.0.',
    ]);
  });

  test('never more than five sentences', () => {
    const before = modelSummary([conv('a', 16), conv('b', 16), conv('gone', 16)]);
    const after = modelSummary([conv('a', 32), conv('b', 8), conv('new', 16)], {
      opset: 20,
      producer: 'other',
      inputs: [],
      outputs: [],
    });
    expect(describeChanges(before, after)).toHaveLength(5);
  });
});
