import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { EdgewiseError } from '../../src/core/errors';
import { VERSION } from '../../src/core/version';
import { EngineClient } from '../../src/host/engine/engine-client';
import { makeDigits } from '../../scripts/digits.mjs';
import { bundleEngine, digits, type EngineBundle } from './engine-bundle';

/** What a test has: an engine's bundle, a client of its own, and a folder of its own with one model in it. */
export interface EngineSession {
  readonly entry: string;
  readonly client: EngineClient;
  readonly folder: string;
  /** A copy of the bundled example. */
  readonly model: string;
  /** What the client logged. */
  readonly log: string[];
  /** Names in the folder, sorted, hidden ones included. */
  files(): string[];
  /** A client of another version, or of another engine; disposed of with the session. */
  another(options: { version?: string; entry?: string }): EngineClient;
}

/** Registers hooks: one bundle a test file, a fresh client and folder a test. */
export function useEngine(): EngineSession {
  let bundle: EngineBundle;
  let folder = '';
  let clients: EngineClient[] = [];
  let log: string[] = [];
  const connect = (options: { version?: string; entry?: string } = {}): EngineClient => {
    // Ends of an earlier test's engines go to that test's log.
    const lines = log;
    const client = new EngineClient({
      entry: bundle.entry,
      version: VERSION,
      log: (line) => void lines.push(line),
      ...options,
    });
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    await makeDigits(path.join(digits, 'data'));
    bundle = bundleEngine();
  });
  afterAll(() => bundle.remove());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'edgewise engine '));
    copyFileSync(path.join(digits, 'digits.onnx'), path.join(folder, 'digits.onnx'));
    log = [];
    clients = [];
    connect();
  });
  afterEach(() => {
    clients.forEach((client) => client.dispose());
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    get entry() {
      return bundle.entry;
    },
    get client() {
      return clients[0] ?? connect();
    },
    get folder() {
      return folder;
    },
    get model() {
      return path.join(folder, 'digits.onnx');
    },
    get log() {
      return log;
    },
    files: () => readdirSync(folder).sort(),
    another: connect,
  };
}

export const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

export async function errorOf(work: Promise<unknown>): Promise<EdgewiseError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof EdgewiseError) return error;
    throw error;
  }
  throw new Error('No error came.');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something holds; the test's own time limit ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

export async function inspectionPid(client: EngineClient): Promise<number> {
  const { inspection } = await client.pids();
  if (inspection === null) throw new Error('No inspection engine runs.');
  return inspection;
}
