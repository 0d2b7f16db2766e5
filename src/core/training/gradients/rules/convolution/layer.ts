import type { Window } from './window';

/**
 * A convolution between a large grid `[batch, channels, ...]` and a small one `[batch, outputs, ...]` by weights
 * `[outputs, channels/group, ...kernel]`. A Conv goes from the large grid to the small one, a ConvTranspose back, and
 * each is the other's gradient.
 */
export interface Layer {
  readonly window: Window;
  readonly group: number;
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
}

/** Each channel has one filter of its own. */
export const isDepthwise = ({ group, channels, outputs }: Layer): boolean =>
  group > 1 && group === channels && channels === outputs;
