import { elementsOf } from '../../../model/model';
import { scaleLayout } from '../../../kernels/scale-layout';
import { codeFormat } from '../../encodings/affine-scales';
import type { AffineScales } from '../../encodings/encoded-tensor';
import type { AffineScheme, PaletteScheme, WeightScheme } from '../../encodings/scheme';
import type { MatrixShape } from '../matrix-layers';
import { AffineGrid, type Grid } from './grid';
import type { RoundingProblem } from './problem';
import { WeightRounding, type RoundedWeight, type RoundingMethod } from './round-weight';
import type { RoundedRow } from './rows';
import { weightedPalettes } from './weighted-palettes';
import { weightedScales } from './weighted-scales';
import { zerosOf } from './zeros';

/** Times that scales are fitted to codes and codes to scales. */
const REFITS = 4;
/** Multiplications up to which that is done at all: some seconds a time. */
const MAX_REFIT_WORK = 5e9;

/** A weight on the grid of its scheme, and the scheme that gives exactly these codes when it is encoded. */
export interface SolvedWeight extends RoundedWeight {
  readonly scheme: WeightScheme;
}

/**
 * Chooses scales or tables, and codes, for the least error of a layer's outputs. A share of sparsity is chosen first:
 * those stay zero, and the codes of the others make up for them (SparseGPT, Frantar and Alistarh 2023, with a mask that
 * does not change).
 */
export function solveWeight(
  problem: RoundingProblem,
  shape: readonly number[],
  scheme: AffineScheme | PaletteScheme,
  method: RoundingMethod,
  signal: AbortSignal,
): Promise<SolvedWeight> {
  const zeros = zerosOf(problem, scheme.sparsity ?? 0, 'moments');
  const rounding = new WeightRounding(problem, zeros, signal);
  return scheme.kind === 'palette'
    ? solvePalette(rounding, shape, scheme, method)
    : solveAffine(rounding, shape, scheme, method);
}

/**
 * The outputs' error of weights that are rounded to nearest with scales or tables that are chosen without inputs: what
 * plain encoding does to them, but for the trials of its search.
 */
export async function plainError(
  problem: RoundingProblem,
  shape: readonly number[],
  scheme: AffineScheme | PaletteScheme,
  signal: AbortSignal,
): Promise<number> {
  const zeros = zerosOf(problem, scheme.sparsity ?? 0, 'equal');
  const grid = plainGrid(problem, shape, scheme, zeros);
  const { error } = await new WeightRounding(problem, zeros, signal).round(grid, 'nearest', () => undefined);
  return error ?? Infinity;
}

function plainGrid(
  problem: RoundingProblem,
  shape: readonly number[],
  scheme: AffineScheme | PaletteScheme,
  zeros: Uint8Array | null,
): Grid {
  if (scheme.kind === 'palette') return weightedPalettes(problem, shape, sharedTable(scheme, zeros), 'equal', zeros);
  const { bits, axis, block, symmetric } = scheme;
  const layout = scaleLayout(shape, axis, block);
  const format = codeFormat(bits, symmetric);
  const whole = scheme.scales === 'minmax';
  return new AffineGrid(layout, format, weightedScales(problem, layout, format, 'equal', { whole, zeros }));
}

/** What is left of a sparse weight shares one table. */
function sharedTable(scheme: PaletteScheme, zeros: Uint8Array | null): PaletteScheme {
  return zeros === null ? scheme : { ...scheme, axis: null, groups: 1 };
}

async function solvePalette(
  rounding: WeightRounding,
  shape: readonly number[],
  scheme: PaletteScheme,
  method: RoundingMethod,
): Promise<SolvedWeight> {
  const { problem, zeros } = rounding;
  const grid = weightedPalettes(problem, shape, sharedTable(scheme, zeros), 'moments', zeros);
  const rounded = await rounding.round(grid, method);
  return { ...rounded, scheme: { ...scheme, method: 'unique' } };
}

async function solveAffine(
  rounding: WeightRounding,
  shape: readonly number[],
  scheme: AffineScheme,
  method: RoundingMethod,
): Promise<SolvedWeight> {
  const { bits, axis, block, symmetric } = scheme;
  const layout = scaleLayout(shape, axis, block);
  const format = codeFormat(bits, symmetric);
  const { problem, zeros } = rounding;
  const { matrix } = problem;
  const work = matrix.groups * matrix.rows * matrix.columns ** 2;
  const canRefit = work <= MAX_REFIT_WORK && scheme.given === undefined && rowsHaveOneScale(shape, axis, block, matrix);
  let scales = scheme.given ?? weightedScales(problem, layout, format, 'moments', { zeros });
  if (!canRefit) {
    const rounded = await rounding.round(new AffineGrid(layout, format, scales), method);
    return { ...rounded, scheme: { ...scheme, given: scales } };
  }
  let best: SolvedWeight | null = null;
  for (let refit = 0; ; refit++) {
    const grid = new AffineGrid(layout, format, scales);
    const fit = new ScaleFit(problem, grid);
    const rounded = await rounding.round(grid, method, (row, group, gradient) => {
      fit.add(row, group, gradient);
    });
    const better: boolean = best === null || (rounded.error ?? Infinity) < (best.error ?? Infinity);
    if (better) best = { ...rounded, scheme: { ...scheme, given: scales } };
    if (best !== null && (!better || refit === REFITS)) return best;
    scales = fit.scales();
  }
}

/** True where all columns of a row share a scale: one for the tensor, or one an output. */
function rowsHaveOneScale(
  shape: readonly number[],
  axis: number | null,
  block: number | null,
  matrix: MatrixShape,
): boolean {
  if (axis === null) return true;
  return block === null && elementsOf(shape.slice(axis + 1)) === matrix.rowStride;
}

/**
 * The scales with the least error for codes that are chosen: `s = (t H q) / (q H q)` over the rows that share one,
 * where `q` counts steps from zero.
 */
class ScaleFit {
  private readonly products: Float64Array;
  private readonly squares: Float64Array;

  constructor(
    private readonly problem: RoundingProblem,
    private readonly grid: AffineGrid,
  ) {
    this.products = new Float64Array(grid.layout.scales);
    this.squares = new Float64Array(grid.layout.scales);
  }

  /** A row whose columns have one scale; `gradient` is its `(values - target) H`. */
  add(row: RoundedRow, group: number, gradient: Float64Array): void {
    const moments = this.problem.moments[group];
    const scale = row.scales[0] ?? 0;
    if (moments === undefined) return;
    const steps = Float64Array.from(row.levels, (level) => this.grid.steps(scale, level));
    const square = quadraticForm(moments, steps);
    const slope = steps.reduce((sum, step, column) => sum + step * (gradient[column] ?? 0), 0);
    this.products[scale] = (this.products[scale] ?? 0) + (this.grid.scales.scale[scale] ?? 1) * square - slope;
    this.squares[scale] = (this.squares[scale] ?? 0) + square;
  }

  scales(): AffineScales {
    const { scale, zeroPoint } = this.grid.scales;
    const fitted = scale.map((old, index) => {
      const best = Math.fround((this.products[index] ?? 0) / (this.squares[index] ?? 0));
      return Number.isFinite(best) && best > old / 4 && best < old * 4 ? best : old;
    });
    return { scale: fitted, zeroPoint };
  }
}

function quadraticForm(matrix: Float64Array, vector: Float64Array): number {
  const n = vector.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const factor = vector[i] ?? 0;
    if (factor === 0) continue;
    let product = 0;
    for (let j = 0; j < n; j++) product += (matrix[i * n + j] ?? 0) * (vector[j] ?? 0);
    sum += factor * product;
  }
  return sum;
}
