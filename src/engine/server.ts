import {
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import { EdgewiseError, messageOf } from '../core/errors';
import type { EngineMethod, EngineRequests, WireError } from '../protocol/engine';
import { progressType, requestType } from '../protocol/engine-rpc';
import { HANDLERS, type Handler } from './handlers';
import { paramsSchemas } from './params';

/** Answers requests on this process's channel until it closes. */
export function serve(): void {
  const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
  for (const method of Object.keys(HANDLERS) as EngineMethod[]) answer(connection, method);
  connection.onClose(() => process.exit(0));
  connection.listen();
}

function answer<M extends EngineMethod>(connection: MessageConnection, method: M): void {
  const handler: Handler<M> = HANDLERS[method];
  connection.onRequest(requestType(method), async ({ params, token }, cancellation) => {
    try {
      const checked = checkedParams(method, params);
      const send = (value: EngineRequests[M]['progress']): void => {
        void connection.sendProgress(progressType<M>(), token, value);
      };
      return await handler(checked, { signal: signalOf(cancellation), progress: send });
    } catch (error) {
      return responseError(error);
    }
  });
}

/** @throws EdgewiseError `usage` naming what is not as it must be */
function checkedParams<M extends EngineMethod>(method: M, params: unknown): EngineRequests[M]['params'] {
  const result = paramsSchemas[method].safeParse(params);
  if (result.success) return result.data as EngineRequests[M]['params'];
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'its parameters' : `"${issue.path.join('.')}"`;
  throw new EdgewiseError(
    'usage',
    `The request "${method}" is not as it must be at ${where}: ${issue?.message ?? ''}.`,
  );
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

function responseError(error: unknown): ResponseError<WireError> {
  const code = EdgewiseError.is(error, 'cancelled') ? ErrorCodes.PendingResponseRejected : ErrorCodes.InternalError;
  const data: WireError = EdgewiseError.is(error)
    ? { kind: error.kind, ...(error.file === undefined ? {} : { file: error.file }) }
    : { kind: 'internal' };
  return new ResponseError(code, messageOf(error), data);
}
