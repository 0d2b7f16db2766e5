/** The JSON-RPC forms of `EngineRequests`, the same on both sides of the channel. */
import { ProgressType, RequestType } from 'vscode-jsonrpc/node';
import type { EngineMethod, EngineRequests, WireError } from './engine';

/** What travels: the parameters, and the token under which progress comes back. */
export interface Envelope<M extends EngineMethod> {
  params: EngineRequests[M]['params'];
  token: number;
}

export function requestType<M extends EngineMethod>(
  method: M,
): RequestType<Envelope<M>, EngineRequests[M]['result'], WireError> {
  return new RequestType(method);
}

export function progressType<M extends EngineMethod>(): ProgressType<EngineRequests[M]['progress']> {
  return new ProgressType();
}
