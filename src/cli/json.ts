/** A value as `--json` prints it: one document, indented, numbers as they are. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
