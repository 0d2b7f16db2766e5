import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import {
  CancellationTokenSource,
  ConnectionError,
  createMessageConnection,
  ErrorCodes,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
} from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { EdgewiseError, messageOf, type ErrorKind } from '../../core/errors';
import { ENGINE_PROTOCOL, type EngineMethod, type EngineRequests, type WireError } from '../../protocol/engine';
import { progressType, requestType } from '../../protocol/engine-rpc';

export interface EngineOptions {
  /** The engine's bundle. */
  readonly entry: string;
  /** Of this build: an engine of another one is refused. */
  readonly version: string;
  log(line: string): void;
}

export interface CallOptions<M extends EngineMethod> {
  onProgress?(value: EngineRequests[M]['progress']): void;
  signal?: AbortSignal;
}

/** A cancelled request that has not answered by then is ended with its process. */
const PATIENCE_MS = 800;

/** Of what the process wrote to standard error, for the log when it ends. */
const KEPT_WORDS = 4000;

/** Progress tokens are unique in this process. */
let nextToken = 1;

/** One engine process, from its handshake to its end. It knows no editor, so that tests can drive it. */
export class EngineProcess {
  /** Settles when the process has ended, with its exit code or signal. */
  readonly ended: Promise<string>;
  private alive = true;
  private dismissed = false;
  private lastWords = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly connection: MessageConnection,
    private readonly options: EngineOptions,
  ) {
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code ?? 'unknown'}`));
      child.once('error', (error) => resolve(messageOf(error)));
    });
    void this.ended.then((reason) => this.end(reason));
    child.stderr?.on('data', (chunk: Buffer) => this.note(chunk));
  }

  /**
   * @param signal ends a start that is no longer wanted
   * @throws EdgewiseError `engine` when it does not start, or is of another build; `cancelled`
   */
  static async start(options: EngineOptions, signal?: AbortSignal): Promise<EngineProcess> {
    const child = fork(options.entry, [], {
      // In desktop VS Code the extension host runs in Electron's binary, which is Node only when told so.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    const engine = new EngineProcess(child, connection, options);
    connection.onError(([error]) => options.log(`engine ${child.pid ?? '?'}: ${error.message}`));
    connection.listen();
    try {
      await engine.shakeHands(signal);
      return engine;
    } catch (error) {
      engine.kill();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isAlive(): boolean {
    return this.alive;
  }

  /** True once it was ended on purpose. */
  get isDismissed(): boolean {
    return this.dismissed;
  }

  /**
   * One request. An aborted signal asks the engine to stop; when it does not within 800 ms its process is killed.
   * @throws EdgewiseError as the engine threw it, `cancelled`, or `engine` when the process ended
   */
  async request<M extends EngineMethod>(
    method: M,
    params: EngineRequests[M]['params'],
    { onProgress, signal }: CallOptions<M> = {},
  ): Promise<EngineRequests[M]['result']> {
    if (signal?.aborted) throw cancelledError();
    const token = nextToken++;
    const cancellation = new CancellationTokenSource();
    const progress = this.connection.onProgress(progressType<M>(), token, (value) => onProgress?.(value));
    const answer = this.connection.sendRequest(requestType(method), { params, token }, cancellation.token);
    const cancelled = cancelledBy(signal, {
      ask: () => cancellation.cancel(),
      insist: () => this.kill(),
    });
    try {
      return await Promise.race([answer, this.lost(params), cancelled.afterPatience]);
    } catch (error) {
      if (signal?.aborted) throw cancelledError();
      // The channel closes a moment before the process says why.
      if (isConnectionLoss(error)) return await this.lost(params);
      throw asEdgewiseError(error);
    } finally {
      cancelled.dispose();
      progress.dispose();
      cancellation.dispose();
    }
  }

  kill(): void {
    if (!this.alive) return;
    this.dismissed = true;
    this.child.kill('SIGKILL');
  }

  private async shakeHands(signal: AbortSignal | undefined): Promise<void> {
    const { version } = this.options;
    const call = signal === undefined ? {} : { signal };
    const hello = await this.request('hello', { protocol: ENGINE_PROTOCOL, version }, call);
    if (hello.protocol === ENGINE_PROTOCOL && hello.version === version) return;
    throw new EdgewiseError(
      'engine',
      `The engine is of another version (${hello.version}) than the extension (${version}). Install Edgewise again, then reload the window.`,
    );
  }

  /** Rejects once the process has ended. */
  private async lost(params: object): Promise<never> {
    const reason = await this.ended;
    const doing = 'model' in params && typeof params.model === 'string' ? ` on ${path.basename(params.model)}` : '';
    throw new EdgewiseError(
      'engine',
      `The engine stopped unexpectedly at its work${doing} (${reason}). Nothing was written. Try again; the Edgewise output has details.`,
    );
  }

  private note(chunk: Buffer): void {
    this.lastWords = (this.lastWords + chunk.toString('utf8')).slice(-KEPT_WORDS);
  }

  private end(reason: string): void {
    this.alive = false;
    const how = this.dismissed ? 'is no longer needed' : `ended: ${reason}`;
    this.options.log(`engine ${this.pid ?? '?'} ${how}${this.lastWords === '' ? '' : `\n${this.lastWords}`}`);
    this.connection.dispose();
  }
}

interface Cancellation {
  /** Rejects when the engine did not answer in time and was killed; never settles without a cancel. */
  readonly afterPatience: Promise<never>;
  dispose(): void;
}

function cancelledBy(signal: AbortSignal | undefined, engine: { ask(): void; insist(): void }): Cancellation {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const afterPatience = new Promise<never>((_, reject) => {
    onAbort = () => {
      engine.ask();
      timer = setTimeout(() => {
        engine.insist();
        reject(cancelledError());
      }, PATIENCE_MS);
    };
  });
  signal?.addEventListener('abort', onAbort, { once: true });
  const dispose = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  };
  return { afterPatience, dispose };
}

function isConnectionLoss(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return (
    error instanceof ResponseError && error.code === ErrorCodes.PendingResponseRejected && error.data === undefined
  );
}

function cancelledError(): EdgewiseError {
  return new EdgewiseError('cancelled', 'Cancelled. Nothing was written.');
}

function asEdgewiseError(error: unknown): EdgewiseError {
  if (EdgewiseError.is(error)) return error;
  if (!(error instanceof ResponseError)) return new EdgewiseError('engine', messageOf(error), { cause: error });
  const { data } = error as ResponseError<WireError>;
  const details = data?.file === undefined ? {} : { file: data.file };
  return new EdgewiseError((data?.kind ?? 'internal') as ErrorKind, error.message, details);
}
