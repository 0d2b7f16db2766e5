import type { Window } from './window';

/**
 * A convolution between a large grid `[N, C, ...]` and a small one `[N, O, ...]` by weights `[O, C/group, ...kernel]`.
 * A Conv goes from the large grid to the small one, a ConvTranspose back, and each is the other's gradient.
 */
export interface Layer {
  readonly window: Window;
  readonly group: number;
}
