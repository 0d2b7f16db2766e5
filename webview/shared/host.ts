/** The one door to VS Code: typed messages out, validated messages in, state that survives a reload. */
import type * as z from 'zod';
import { parseMessage } from '../../src/protocol/webview-common';

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
  save(state: State): void;
}

/** Connects the page to its host. VS Code hands its object out once; it stays in this closure. */
export function connect<In, Out, State>(incoming: z.ZodType<In>, state: z.ZodType<State>): Host<In, Out, State> {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    receive: (listener) =>
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const message = parseMessage(incoming, event.data);
        if (message !== null) listener(message);
      }),
    restore: () => parseMessage(state, api.getState()),
    save: (value) => api.setState(value),
  };
}
