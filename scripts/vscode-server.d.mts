export interface Server {
  origin: string;
  port: number;
  dataDir: string;
  log: () => string;
  stop: () => Promise<void>;
}
export function ensureServer(): string;
export function startServer(options?: {
  port?: number;
  trustEverything?: boolean;
  env?: Record<string, string>;
}): Promise<Server>;
export function installVsix(dataDir: string, vsix: string): void;
export function workbenchUrl(
  server: { origin: string; port: number },
  what: { folder: string; extension?: string; tests?: string; open?: string },
): string;
