/** How one axis is sampled anew. */
export interface Sampling {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: string;
  /** How a place between two elements is rounded. */
  readonly rounding: string;
  readonly cubicCoefficient: number;
  /** Cubic: elements outside count nothing, instead of the edge once more. */
  readonly excludesOutside: boolean;
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

type Place = (index: number, sampling: Sampling) => number;

/** Float32 at each step, as the runtime computes them: nearest elements depend on it. */
const halfPixel: Place = (index, { scale }) => Math.fround(Math.fround((index + 0.5) / scale) - 0.5);

/** Where an element of the result lies among those of the input (ONNX's `coordinate_transformation_mode`). */
const PLACES: Readonly<Record<string, Place>> = {
  half_pixel: halfPixel,
  pytorch_half_pixel: (index, sampling) => (sampling.to > 1 ? halfPixel(index, sampling) : 0),
  half_pixel_symmetric: (index, sampling) => {
    const adjustment = sampling.to / (sampling.scale * sampling.from);
    return (sampling.from / 2) * (1 - adjustment) + halfPixel(index, sampling);
  },
  asymmetric: (index, { scale }) => Math.fround(index / scale),
  align_corners: (index, { from, to }) => (to === 1 ? 0 : Math.fround((index * (from - 1)) / (to - 1))),
};

const ROUNDINGS: Readonly<Record<string, (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Keys' kernel of the distance, from 0 to 2. */
function cubicWeight(distance: number, a: number): number {
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  return distance < 2 ? ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a : 0;
}

/** Elements and their weights, before those outside are moved to the edge. */
function taps(place: number, sampling: Sampling): readonly (readonly [number, number])[] {
  const { mode, rounding, cubicCoefficient, from, excludesOutside } = sampling;
  if (mode === 'nearest') return [[(ROUNDINGS[rounding] ?? Math.round)(place), 1]];
  const base = Math.floor(place);
  if (mode === 'linear')
    return [
      [base, 1 - (place - base)],
      [base + 1, place - base],
    ];
  const all = [-1, 0, 1, 2].map(
    (offset) => [base + offset, cubicWeight(Math.abs(place - base - offset), cubicCoefficient)] as const,
  );
  if (!excludesOutside) return all;
  const inside = all.filter(([element]) => element >= 0 && element < from);
  const sum = inside.reduce((total, [, weight]) => total + weight, 0);
  return inside.map(([element, weight]) => [element, weight / sum]);
}

/** What each element of the result takes of each of the input: `[to][from]`; null for coordinates that are not known. */
export function interpolation(sampling: Sampling): readonly (readonly number[])[] | null {
  const place = PLACES[sampling.coordinates];
  if (!place) return null;
  return Array.from({ length: sampling.to }, (_, index) => {
    const row = new Array<number>(sampling.from).fill(0);
    for (const [element, weight] of taps(place(index, sampling), sampling)) {
      const at = Math.min(Math.max(element, 0), sampling.from - 1);
      row[at] = (row[at] ?? 0) + weight;
    }
    return row;
  });
}
