import { describe, expect, it } from 'vitest';
import { layersNamed } from '../../../src/core/recipe/layer-patterns';

const LAYERS = [
  { name: 'conv1', operator: 'Conv' },
  { name: 'features.0.conv', operator: 'Conv' },
  { name: 'features.0.relu', operator: 'Relu' },
  { name: 'head.fc', operator: 'Gemm' },
  { name: 'Gemm', operator: 'MatMul' },
  { name: '/odd/', operator: 'Add' },
];

const named = (...patterns: string[]): string[] => [...layersNamed(patterns, LAYERS, 'digits.onnx')];

describe('a pattern for layers is', () => {
  it('a name', () => expect(named('conv1')).toEqual(['conv1']));
  it('an operator: all its layers', () => expect(named('Conv')).toEqual(['conv1', 'features.0.conv']));
  it('a regular expression between slashes', () => expect(named('/^features/')).toHaveLength(2));
  it('one that does not look at case', () => expect(named('/HEAD/i')).toEqual(['head.fc']));
  it('a name first, whatever else it could be', () => {
    expect(named('Gemm')).toEqual(['Gemm']);
    expect(named('/odd/')).toEqual(['/odd/']);
  });
  it.each([
    ['first', 'conv1'],
    ['last', 'head.fc'],
  ])('%s: of the layers with matrices or filters', (place, name) => {
    const layers = [
      { name: 'norm', operator: 'LayerNormalization', weights: [{ role: 'weight', shape: [8] }] },
      { name: 'conv1', operator: 'Conv', weights: [{ role: 'weight', shape: [8, 3, 3, 3] }] },
      { name: 'head.fc', operator: 'Gemm', weights: [{ role: 'weight', shape: [8, 4] }] },
      { name: 'softmax', operator: 'Softmax', weights: [] },
    ];
    expect([...layersNamed([place], layers, 'digits.onnx')]).toEqual([name]);
    const called = [...layers, { name: place, operator: 'Relu', weights: [] }];
    expect([...layersNamed([place], called, 'digits.onnx')]).toEqual([place]);
    expect(() => layersNamed([place], [], 'digits.onnx')).toThrow('There is no layer');
  });
  it('with others, each layer once', () => expect(named('conv1', 'Conv', '/conv/')).toHaveLength(2));
});

describe('a pattern is refused', () => {
  it.each([
    ['CONV', 'There is no layer or operator "CONV" in digits.onnx: did you mean "Conv", "conv1" or "features.0.conv"?'],
    ['head.f', 'There is no layer or operator "head.f" in digits.onnx: did you mean "head.fc"?'],
    ['cnov1', 'There is no layer or operator "cnov1" in digits.onnx: did you mean "conv1"'],
    ['zzzzzz', 'There is no layer or operator "zzzzzz" in digits.onnx: "edgewise inspect digits.onnx" lists them.'],
    ['', 'There is no layer or operator "" in digits.onnx: "edgewise inspect digits.onnx" lists them.'],
    ['/^tail/', 'No layer of digits.onnx has a name that /^tail/ matches: "edgewise inspect digits.onnx" lists them.'],
    ['/(/', 'The pattern /(/ for layers is no regular expression.'],
    [`/${'a'.repeat(300)}/`, 'A pattern for layers has 302 characters; use at most 200.'],
  ])('%s', (pattern, sentence) => expect(() => named(pattern)).toThrow(sentence));

  it('when it would never come to an end', () => {
    const layers = [{ name: `${'a'.repeat(60)}!`, operator: 'Conv' }];
    expect(() => layersNamed(['/^(a+)+$/'], layers, 'digits.onnx')).toThrow(
      'takes too long on the names of this model',
    );
  });
});
