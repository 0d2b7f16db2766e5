import { Moments, type WeightedPoints } from './weighted-points';

/**
 * Up to so many places where one cluster may end and the next begin, the best of all divisions is found. Beyond, the
 * best among at most so many of the places is found first, and then moved to rest among all. At 256 clusters that takes a
 * twentieth of a second.
 */
export const EXACT_PLACES = 4096;

/** Of more points, so many places a cluster are looked at, but never fewer than a thousand. */
const PLACES_A_CLUSTER = 16;
const LEAST_PLACES = 1024;

/** Steps of Lloyd's iteration: it comes to rest in far fewer from where it begins. */
const STEPS = 200;

/**
 * Means of the clusters with the least sum of weighted squared distances, ascending, at most `clusters` of them.
 *
 * In one dimension clusters are stretches of sorted points, and the best division into m of them is the best of a prefix
 * into m - 1 and one more stretch, whose beginning moves on as its end does: dynamic programming in O(m n log n) by
 * divide and conquer (Wu 1991; Grønlund et al. 2017, "Fast exact k-means ... in 1D"). It is exact up to float64 for up
 * to EXACT_PLACES points. For more, places are chosen in the density's companding measure (weight * width^2)^(1/3) (Panter
 * and Dite 1951), and Lloyd's iteration over all points follows.
 */
export function kMeans(points: WeightedPoints, clusters: number): Float64Array {
  const moments = new Moments(points);
  if (moments.length <= clusters) return points.values.slice();
  if (moments.length <= EXACT_PLACES) {
    const every = Int32Array.from({ length: moments.length + 1 }, (_, index) => index);
    return meansOf(moments, bestDivision(moments, every, clusters));
  }
  return lloyd(moments, meansOf(moments, bestDivision(moments, placesOf(moments, clusters), clusters)));
}

/** Lloyd's iteration: points go to the nearest mean, means to the middle of their points, until nothing moves. */
export function lloyd(moments: Moments, means: Float64Array): Float64Array {
  let ends = endsOf(moments, means);
  for (let step = 0; step < STEPS; step++) {
    means = meansOf(moments, ends);
    const moved = endsOf(moments, means);
    if (moved.every((end, cluster) => end === ends[cluster])) break;
    ends = moved;
  }
  return means;
}

/** Where clusters end when points go to the nearest mean; clusters that get none are left out. */
function endsOf(moments: Moments, means: Float64Array): Int32Array {
  const ends: number[] = [];
  let last = 0;
  for (let cluster = 1; cluster <= means.length; cluster++) {
    const border = ((means[cluster - 1] ?? 0) + (means[cluster] ?? 0)) / 2;
    const end = cluster === means.length ? moments.length : moments.below(border);
    if (end > last) ends.push(end);
    last = end;
  }
  return Int32Array.from(ends);
}

function meansOf(moments: Moments, ends: Int32Array): Float64Array {
  return Float64Array.from(ends, (end, cluster) => moments.mean(ends[cluster - 1] ?? 0, end));
}

/**
 * At most EXACT_PLACES places among the points, from 0 to behind the last: half of them even in the companding measure,
 * half even in number, since a few values far from all others would take the whole measure.
 */
function placesOf(moments: Moments, clusters: number): Int32Array {
  const { values, weights } = moments.points;
  const length = values.length;
  const places = Math.min(EXACT_PLACES, Math.max(LEAST_PLACES, clusters * PLACES_A_CLUSTER));
  const parts = places / 2 - 1;
  const chosen = new Set<number>();
  for (let part = 0; part <= parts; part++) chosen.add(Math.round((part * length) / parts));
  const measures = Float64Array.from(values, (value, index) => {
    const left = values[index - 1] ?? value;
    const right = values[index + 1] ?? value;
    return Math.cbrt(weights[index] ?? 0) * Math.cbrt((right - left) / 2) ** 2;
  });
  const step = measures.reduce((a, b) => a + b, 0) / parts;
  let reached = 0;
  for (let index = 0; index < length; index++) {
    const before = Math.floor(reached / step);
    reached += measures[index] ?? 0;
    if (Math.floor(reached / step) > before) chosen.add(index);
  }
  return Int32Array.from(chosen).sort();
}

/** Ends of the best division, as indices of points, where clusters may end at `places` only. */
function bestDivision(moments: Moments, places: Int32Array, clusters: number): Int32Array {
  const division = new Division(moments.at(places), places.length - 1, clusters);
  return Int32Array.from(division.ends(), (place) => places[place] ?? 0);
}

class Division {
  /** The least error of the stretches up to each place with the clusters so far, and with one more. */
  private before: Float64Array;
  private after: Float64Array;
  /** Where the last of m clusters begins when it ends at a place: one row a cluster. */
  private readonly begins: Uint16Array;

  constructor(
    private readonly sums: { weight: Float64Array; sum: Float64Array; squares: Float64Array },
    private readonly length: number,
    private readonly clusters: number,
  ) {
    this.before = Float64Array.from({ length: length + 1 }, (_, end) => this.error(0, end));
    this.after = new Float64Array(length + 1);
    this.begins = new Uint16Array(clusters * (length + 1));
    for (let cluster = 1; cluster < clusters; cluster++) {
      this.addCluster(cluster, cluster + 1, length, cluster, length - 1);
      [this.before, this.after] = [this.after, this.before];
    }
  }

  ends(): number[] {
    const ends: number[] = [];
    let end = this.length;
    for (let cluster = this.clusters - 1; cluster >= 0; cluster--) {
      ends.push(end);
      end = this.begins[cluster * (this.length + 1) + end] ?? 0;
    }
    return ends.reverse();
  }

  /** Squared error about the mean of what lies between two places; never negative by rounding. */
  private error(from: number, to: number): number {
    const { weight, sum, squares } = this.sums;
    const w = (weight[to] ?? 0) - (weight[from] ?? 0);
    if (w <= 0) return 0;
    const s = (sum[to] ?? 0) - (sum[from] ?? 0);
    return Math.max(0, (squares[to] ?? 0) - (squares[from] ?? 0) - (s * s) / w);
  }

  /** For ends `low` to `high`, the last cluster begins from `least` to `most`. */
  private addCluster(cluster: number, low: number, high: number, least: number, most: number): void {
    if (low > high) return;
    const end = (low + high) >> 1;
    let best = Infinity;
    let begin = least;
    const last = Math.min(most, end - 1);
    for (let from = least; from <= last; from++) {
      const error = (this.before[from] ?? 0) + this.error(from, end);
      if (error >= best) continue;
      best = error;
      begin = from;
    }
    this.after[end] = best;
    this.begins[cluster * (this.length + 1) + end] = begin;
    this.addCluster(cluster, low, end - 1, least, begin);
    this.addCluster(cluster, end + 1, high, begin, most);
  }
}
