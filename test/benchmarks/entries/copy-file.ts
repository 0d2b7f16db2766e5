import { copyFile, open } from 'node:fs/promises';
import { argument, printMeasured } from './measured';

/** Copies a file and waits until it is on the disk. */
async function main(): Promise<void> {
  const begin = performance.now();
  await copyFile(argument(0), argument(1));
  const copy = await open(argument(1), 'r+');
  await copy.sync();
  const { size } = await copy.stat();
  await copy.close();
  printMeasured(performance.now() - begin, { bytes: size });
}

void main();
