/** Prints one line of JSON: time of the work, peak memory of this process, and other numbers. */
export function printMeasured(ms: number, facts: Record<string, number> = {}): void {
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  process.stdout.write(`${JSON.stringify({ ms, megabytes, ...facts })}\n`);
}

export function argument(index: number): string {
  const value = process.argv[2 + index];
  if (value === undefined) throw new Error(`Argument ${index} is missing.`);
  return value;
}
