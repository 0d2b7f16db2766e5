import { describe, expect, it } from 'vitest';
import { arenaBytes } from '../../../src/core/analysis/arena';
import { initializer, model, node, value } from '../compression/models';

describe('the tensor arena of a microcontroller', () => {
  it('holds what is alive at once for one sample, floats as codes, buffers at multiples of 16', () => {
    const residual = model({
      nodes: [node('Relu', ['x'], ['a']), node('Relu', ['a'], ['b']), node('Add', ['b', 'x'], ['y'])],
      weights: [],
      inputs: [value('x', ['batch', 100])],
      outputs: [value('y', ['batch', 100])],
    });
    expect(arenaBytes(residual, 8)).toBe(3 * 112);
    expect(arenaBytes(residual, 16)).toBe(3 * 208);
  });

  it('counts integers at their width, and no weights', () => {
    const embedding = model({
      nodes: [node('Gather', ['table', 'x'], ['y'])],
      weights: [initializer('table', [8, 32], new Float32Array(256))],
      inputs: [value('x', [1, 4], 'int64')],
      outputs: [value('y', [1, 4, 32])],
    });
    expect(arenaBytes(embedding, 8)).toBe(32 + 128);
  });

  it('is not known where a shape is not', () => {
    const free = model({
      nodes: [node('Relu', ['x'], ['y'])],
      weights: [],
      inputs: [value('x', ['height', 'width'])],
      outputs: [value('y', ['height', 'width'])],
    });
    expect(arenaBytes(free, 8)).toBeNull();
  });
});
