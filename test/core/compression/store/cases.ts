import type { Model } from '../../../../src/core/model/model';
import { affine, dense, palette, sparse, sparseAt, type Encoded } from '../encoded';
import { initializer, model, node, value } from '../models';

/** The weight as the graph's output, so that its values are seen as they are. */
export function shown(shape: number[], opset = 17): Model {
  return model(
    {
      nodes: [node('Add', ['w', 'x'], ['y'])],
      weights: [initializer('w', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)))],
      inputs: [value('x', [])],
      outputs: [value('y', shape)],
    },
    opset,
  );
}

const ODD = [5, 3, 3];
const KERNEL = [16, 8, 3, 3];
const MATRIX = [64, 48];

/** Every encoding that unpacks itself, with what its shapes and sizes can make of it. */
export const CASES: [string, Encoded][] = [
  ...([1, 2, 3, 4, 5, 6, 7, 8] as const).flatMap((bits): [string, Encoded][] => [
    [`${bits}-bit palette`, palette(KERNEL, bits)],
    [`${bits}-bit palette of an odd number of elements`, palette(ODD, bits)],
    [`${bits}-bit palette of a vector`, palette([40], bits)],
    [`${bits}-bit palette in groups of channels`, palette(KERNEL, bits, 4, 0)],
    [`${bits}-bit palette in groups of inputs, odd`, palette([3, 6, 3], bits, 2, 1)],
    [`int${bits} per tensor`, affine(KERNEL, { bits })],
    [`int${bits} per channel`, affine(KERNEL, { bits, axis: 0 })],
    [`int${bits} per input channel, odd`, affine(ODD, { bits, axis: 1 })],
    [`uint${bits} with zero points`, affine(KERNEL, { bits, axis: 0, signed: false, symmetric: false })],
    [`int${bits} in blocks of rows`, affine(MATRIX, { bits, axis: 0, block: 16 })],
    [`int${bits} in blocks of columns`, affine(MATRIX, { bits, axis: 1, block: 16 })],
    [`int${bits} in blocks with zero points`, affine(MATRIX, { bits, axis: 1, block: 16, symmetric: false })],
    [`int${bits} in blocks, the last one cut short`, affine([20, 50], { bits, axis: 1, block: 16, symmetric: false })],
    [`int${bits} in one block an axis`, affine([6, 4, 8], { bits, axis: 1, block: 4 })],
    [`sparse int${bits}`, sparse(KERNEL, 0.3, (shape) => affine(shape, { bits }))],
    [`sparse int${bits} in blocks`, sparse(KERNEL, 0.5, (shape) => affine(shape, { bits, axis: 0, block: 32 }))],
    [`sparse ${bits}-bit palette`, sparse(KERNEL, 0.05, (shape) => palette(shape, bits))],
    [`sparse ${bits}-bit palette, odd`, sparse(ODD, 0.5, (shape) => palette(shape, bits))],
  ]),
  ['sparse float32, a quarter', sparse(KERNEL, 0.25, dense)],
  ['sparse float32, odd', sparse(ODD, 0.4, dense)],
  ['sparse float32, one in a hundred', sparse([64, 64, 3, 3], 0.01, dense)],
  ['sparse float32, whole rows', sparseAt([64, 600], (index) => index % 6000 < 40, dense)],
  ['sparse float32, the first and the last', sparseAt([64, 600], (index) => index === 0 || index === 38399, dense)],
  [
    'sparse 4-bit palette, whole rows',
    sparseAt(
      [64, 600],
      (index) => index % 6000 < 40,
      (shape) => palette(shape, 4),
    ),
  ],
  ['nothing but zeros', sparseAt(KERNEL, () => false, dense)],
  ['nothing left out', sparseAt(KERNEL, () => true, dense)],
];
