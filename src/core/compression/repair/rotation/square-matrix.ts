/** A square matrix, row-major `[size, size]`. */
export interface SquareMatrix {
  readonly size: number;
  readonly values: Float64Array;
}

/** `left^T middle left` of matrices of one size, where `middle` has these numbers on its diagonal. */
export function conjugated({ size, values }: SquareMatrix, diagonal: Float64Array): SquareMatrix {
  const product = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        sum += (values[k * size + row] ?? 0) * (diagonal[k] ?? 0) * (values[k * size + column] ?? 0);
      }
      product[row * size + column] = sum;
    }
  }
  return { size, values: product };
}

/**
 * The orthogonal matrix of the discrete cosine transform (DCT-II), one basis vector a row: of any size, no entry is
 * larger than `sqrt(2 / size)`, and the first row is constant.
 */
export function cosineMatrix(size: number): SquareMatrix {
  const values = Float64Array.from({ length: size * size }, (_, at) => {
    const row = Math.floor(at / size);
    const height = Math.sqrt((row === 0 ? 1 : 2) / size);
    return height * Math.cos((Math.PI * row * (2 * (at % size) + 1)) / (2 * size));
  });
  return { size, values };
}
