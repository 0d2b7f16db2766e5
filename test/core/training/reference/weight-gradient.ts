import { at, type Array64, fill } from './array';
import { isInside, placeOf, positionsOf, type Sliding } from './windows';

/** `[O, C/group, ...kernel]`: how a convolution of `x` moves with its weights, summed over the output's gradient. */
export function weightGradient(x: Array64, dy: Array64, sliding: Sliding, group = 1): Array64 {
  const [batch = 1, channels = 1, ...lengths] = x.shape;
  const [, outputs = 1, ...small] = dy.shape;
  const each = channels / group;
  const starts = positionsOf(small);
  return fill([outputs, each, ...sliding.kernel], ([o = 0, c = 0, ...tap]) => {
    const channel = Math.floor(o / (outputs / group)) * each + c;
    let sum = 0;
    for (const start of starts) {
      const place = placeOf(sliding, start, tap);
      if (!isInside(place, lengths)) continue;
      for (let n = 0; n < batch; n++) sum += at(x, [n, channel, ...place]) * at(dy, [n, o, ...start]);
    }
    return sum;
  });
}
