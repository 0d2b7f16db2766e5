import { elementsOf } from '../model/model';

/** A tensor seen as [outer, channels, inner] around one axis: `inner` neighbours in memory belong to one channel. */
export interface ChannelLayout {
  readonly channels: number;
  readonly inner: number;
}

/** The layout around `axis`; null: the whole tensor is one channel. */
export function channelLayout(shape: readonly number[], axis: number | null): ChannelLayout {
  if (axis === null) return { channels: 1, inner: Math.max(1, elementsOf(shape)) };
  return { channels: shape[axis] ?? 1, inner: Math.max(1, elementsOf(shape.slice(axis + 1))) };
}

/** Where an element lies: its channel, and how far into the channel's run. */
export function positionOf(layout: ChannelLayout, element: number): { channel: number; offset: number } {
  return { channel: Math.floor(element / layout.inner) % layout.channels, offset: element % layout.inner };
}
