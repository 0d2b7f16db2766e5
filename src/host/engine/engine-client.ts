import { EdgewiseError } from '../../core/errors';
import type { EngineMethod, EngineRequests } from '../../protocol/engine';
import { EngineProcess, type CallOptions, type EngineOptions } from './engine-process';

/** Work of its own: one process each, so that ending it ends nothing else. */
export type JobMethod = 'compress' | 'train' | 'evaluate' | 'checkData' | 'previewData' | 'findPreprocessing';
/** Said to a process that trains, while it does. */
export type SteeringMethod = 'pauseTraining' | 'resumeTraining' | 'stopTraining';
/** Answered by the long-lived engine, which never loads ONNX Runtime. */
export type InspectionMethod = Exclude<EngineMethod, JobMethod | SteeringMethod | 'hello'>;

/** Says something to the process of a job. @returns false where there is nothing to steer (any more) */
export type Steer = (method: SteeringMethod) => Promise<boolean>;

/** The inspection engine is ended after this long without a request. */
const IDLE_MS = 5 * 60_000;
/** More ends than this within the window mean that starting again does not help. */
const MAX_CRASHES = 4;
const CRASH_WINDOW_MS = 3 * 60_000;

/** The engine as the extension sees it: started when needed, started again after a crash, ended when idle. */
export class EngineClient {
  private inspection: Promise<EngineProcess> | null = null;
  private readonly jobs = new Set<EngineProcess>();
  private crashes: number[] = [];
  private idle: NodeJS.Timeout | undefined;
  private busy = 0;
  private disposed = false;

  constructor(private readonly options: EngineOptions) {}

  /** @throws EdgewiseError as the engine says; `engine` when it ended, and then the next request starts a new one */
  async inspect<M extends InspectionMethod>(
    method: M,
    params: EngineRequests[M]['params'],
    call: CallOptions<M> = {},
  ): Promise<EngineRequests[M]['result']> {
    clearTimeout(this.idle);
    this.busy += 1;
    try {
      const engine = await this.inspectionEngine();
      return await engine.request(method, params, call);
    } finally {
      this.busy -= 1;
      if (this.busy === 0) this.idle = setTimeout(() => void this.stopInspection(), IDLE_MS).unref();
    }
  }

  /** Runs one job in a process of its own, which is gone afterwards whatever happens. */
  async run<M extends JobMethod>(
    method: M,
    params: EngineRequests[M]['params'],
    call: CallOptions<M> & { onStart?: (steer: Steer) => void } = {},
  ): Promise<EngineRequests[M]['result']> {
    const engine = await EngineProcess.start(this.options, call.signal);
    this.jobs.add(engine);
    if (this.disposed) engine.kill();
    call.onStart?.(async (said) => (await engine.request(said, {})).training);
    try {
      return await engine.request(method, params, call);
    } finally {
      this.jobs.delete(engine);
      engine.kill();
      // Only a process that is gone can be tidied up after.
      await engine.ended;
    }
  }

  /** Process ids, for diagnostics and tests. */
  async pids(): Promise<{ inspection: number | null; jobs: number[] }> {
    const inspection = await this.inspection?.catch(() => null);
    return {
      inspection: inspection?.isAlive ? (inspection.pid ?? null) : null,
      jobs: [...this.jobs].flatMap((job) => (job.pid === undefined ? [] : [job.pid])),
    };
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.idle);
    void this.stopInspection();
    for (const job of this.jobs) job.kill();
  }

  /** Nothing is awaited between looking and starting: requests that come together share one engine. */
  private inspectionEngine(): Promise<EngineProcess> {
    if (this.inspection) return this.inspection;
    this.refuseCrashing();
    const starting = EngineProcess.start(this.options);
    this.inspection = starting;
    void this.watch(starting);
    return starting;
  }

  /** Forgets the engine with its end. One that was ended on purpose has not crashed. */
  private async watch(starting: Promise<EngineProcess>): Promise<void> {
    const engine = await starting.catch(() => null);
    await engine?.ended;
    if (this.inspection === starting) this.inspection = null;
    if (!engine?.isDismissed) this.crashes.push(Date.now());
  }

  /** Starting again is the next request's doing, never a loop's: after too many ends it is refused for a while. */
  private refuseCrashing(): void {
    const now = Date.now();
    this.crashes = this.crashes.filter((time) => now - time < CRASH_WINDOW_MS);
    if (this.crashes.length <= MAX_CRASHES) return;
    throw new EdgewiseError(
      'engine',
      `The engine stopped ${this.crashes.length} times in a short while and is not started again for now. The Edgewise output has details; try again in a few minutes.`,
    );
  }

  private async stopInspection(): Promise<void> {
    const engine = this.inspection;
    this.inspection = null;
    (await engine?.catch(() => null))?.kill();
  }
}
