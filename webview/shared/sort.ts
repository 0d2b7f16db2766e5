export type Direction = 'ascending' | 'descending';

export interface SortOrder {
  column: string;
  direction: Direction;
}

export type SortValue = number | string | null;

const collator = new Intl.Collator('en', { numeric: true });

/** Sorted, stable; unknown values (null) come last in either direction. */
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => SortValue, direction: Direction): Row[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows
    .map((row) => ({ row, value: value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      if (typeof a.value === 'number' && typeof b.value === 'number') return sign * (a.value - b.value);
      return sign * collator.compare(String(a.value), String(b.value));
    })
    .map(({ row }) => row);
}

/** The order after a click on a column's header: numbers start with the largest, names with the first. */
export function nextOrder(order: SortOrder | null, column: string, numeric: boolean): SortOrder {
  const first: Direction = numeric ? 'descending' : 'ascending';
  if (order?.column !== column) return { column, direction: first };
  return { column, direction: order.direction === 'ascending' ? 'descending' : 'ascending' };
}
