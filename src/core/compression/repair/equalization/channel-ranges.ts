import type { MatrixLayer } from '../matrix-layers';
import { rowStart } from '../rounding/problem';
import { channelOfColumn } from './links';

/** Calls for each weight of a layer with its element, its output channel and, of so many, its input channel. */
export function eachElement(
  layer: MatrixLayer,
  inputs: number,
  take: (element: number, output: number, input: number) => void,
): void {
  const { groups, rows, columns, columnStride } = layer.matrix;
  for (let group = 0; group < groups; group++) {
    const channels = Int32Array.from({ length: columns }, (_, column) => channelOfColumn(layer, inputs, group, column));
    for (let row = 0; row < rows; row++) {
      const start = rowStart(layer.matrix, group, row);
      for (let column = 0; column < columns; column++) {
        take(start + column * columnStride, group * rows + row, channels[column] ?? 0);
      }
    }
  }
}

/** The largest magnitude that each output of a layer is made with. */
export function outputPeaks(layer: MatrixLayer, values: Float32Array, channels: number): Float64Array {
  const peaks = new Float64Array(channels);
  eachElement(layer, layer.matrix.groups, (element, output) => {
    peaks[output] = Math.max(peaks[output] ?? 0, Math.abs(values[element] ?? 0));
  });
  return peaks;
}

/** The largest magnitude that each input of a layer is multiplied by. */
export function inputPeaks(layer: MatrixLayer, values: Float32Array, channels: number): Float64Array {
  const peaks = new Float64Array(channels);
  eachElement(layer, channels, (element, _output, input) => {
    peaks[input] = Math.max(peaks[input] ?? 0, Math.abs(values[element] ?? 0));
  });
  return peaks;
}

/** Divides each output of a layer, in place. */
export function divideOutputs(layer: MatrixLayer, values: Float32Array, scale: Float64Array): void {
  eachElement(layer, layer.matrix.groups, (element, output) => {
    values[element] = (values[element] ?? 0) / (scale[output] ?? 1);
  });
}

/** Multiplies what reads each of so many inputs of a layer, in place. */
export function multiplyInputs(layer: MatrixLayer, values: Float32Array, channels: number, scale: Float64Array): void {
  eachElement(layer, channels, (element, _output, input) => {
    values[element] = (values[element] ?? 0) * (scale[input] ?? 1);
  });
}
