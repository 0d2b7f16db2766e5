/**
 * Takes an option that may be given again and again, one value each time: with a list after one flag, the model that
 * follows would be taken for one more value.
 */
export function repeated(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
