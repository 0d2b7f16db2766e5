import { existsSync } from 'node:fs';
import path from 'node:path';

/** Reference networks, data and real models lie beside the checkout; suites that need them say so when they are absent. */
const shared = path.resolve(__dirname, '../../shared');

export const sharedPath = (...parts: string[]): string => path.join(shared, ...parts);

/** True when the path under `../shared` is there; otherwise prints one line naming what will not run. */
export function hasShared(suite: string, ...parts: string[]): boolean {
  const there = existsSync(sharedPath(...parts));
  if (!there) console.warn(`${suite}: not run, ../shared/${parts.join('/')} is not here.`);
  return there;
}
