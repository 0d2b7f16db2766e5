import { at, fill, type Array64 } from './array';

export interface Resizing {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: string;
  readonly rounding?: string;
}

function place(index: number, from: number, to: number, coordinates: string): number {
  const scale = to / from;
  if (coordinates === 'align_corners') return to === 1 ? 0 : (index * (from - 1)) / (to - 1);
  if (coordinates === 'asymmetric') return index / scale;
  if (coordinates === 'pytorch_half_pixel' && to === 1) return 0;
  return (index + 0.5) / scale - 0.5;
}

/** Keys' cubic convolution with a = -0.75, by its two pieces. */
function keys(distance: number): number {
  const [d, a] = [Math.abs(distance), -0.75];
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
}

function nearest(value: number, rounding: string): number {
  if (rounding === 'floor') return Math.floor(value);
  if (rounding === 'ceil') return Math.ceil(value);
  return rounding === 'round_prefer_ceil' ? Math.floor(value + 0.5) : Math.ceil(value - 0.5);
}

/** One axis in a new length: what ONNX's text says, element by element; the edge is repeated outside. */
export function resizeAxis(
  x: Array64,
  axis: number,
  to: number,
  { mode, coordinates, rounding = 'round_prefer_floor' }: Resizing,
): Array64 {
  const from = x.shape[axis] ?? 1;
  return fill(
    x.shape.map((length, each) => (each === axis ? to : length)),
    (position) => {
      const element = (index: number): number =>
        at(
          x,
          position.map((value, each) => (each === axis ? Math.min(Math.max(index, 0), from - 1) : value)),
        );
      const where = place(position[axis] ?? 0, from, to, coordinates);
      if (mode === 'nearest') return element(nearest(where, rounding));
      const base = Math.floor(where);
      if (mode === 'linear') return element(base) * (1 - where + base) + element(base + 1) * (where - base);
      return [-1, 0, 1, 2].reduce((sum, offset) => sum + element(base + offset) * keys(where - base - offset), 0);
    },
  );
}
