/** How often the parent is looked for, should the channel not say that it is gone. */
const LOOK_MS = 2000;

/** Ends this process when its parent does: a closed channel says so at once, the process table in any case. */
export function watchParent(): void {
  process.on('disconnect', () => process.exit(0));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, LOOK_MS).unref();
}
