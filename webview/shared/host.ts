/** The one door to VS Code: typed messages out, validated messages in, state that survives a reload. */
import type * as z from 'zod';
import { parseMessage } from '../../src/protocol/page-messages';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Host<In, Out, State> {
  post(message: Out): void;
  /** Messages that are not of the schema are dropped. */
  receive(listener: (message: In) => void): void;
  /** The state last saved, or null where there is none of this build's shape. */
  restore(): State | null;
  /** Saves what `current` gives, once things stand still for a moment, or when the page goes. */
  save(current: () => State): void;
}

/** Scrolling asks to save with every frame. */
const SAVE_AFTER_MS = 150;

/** Connects the page to its host. VS Code hands its object out once; it stays in this closure. */
export function connect<In, Out, State>(incoming: z.ZodType<In>, state: z.ZodType<State>): Host<In, Out, State> {
  const api = acquireVsCodeApi();
  let waiting: (() => State) | null = null;
  let timer = 0;
  const saveNow = (): void => {
    window.clearTimeout(timer);
    if (waiting) api.setState(waiting());
    waiting = null;
  };
  window.addEventListener('pagehide', saveNow);
  document.addEventListener('visibilitychange', saveNow);
  return {
    post: (message) => api.postMessage(message),
    receive: (listener) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const message = parseMessage(incoming, event.data);
        if (message !== null) listener(message);
      }),
    restore: () => parseMessage(state, api.getState()),
    save: (current) => {
      waiting = current;
      window.clearTimeout(timer);
      timer = window.setTimeout(saveNow, SAVE_AFTER_MS);
    },
  };
}
