/** Rows that share the values of the slicing columns. */
export interface Slice {
  /** Value by column, in the order of the request. */
  readonly where: Readonly<Record<string, string>>;
  readonly rows: Uint32Array;
}

/** What a missing value is called in a slice. */
export const MISSING = '(missing)';

/** Groups rows by the values of one or more columns, largest slice first, ties by name. */
export function sliceRows(columns: readonly (readonly [string, readonly (string | null)[]])[]): Slice[] {
  const groups = new Map<string, { values: string[]; rows: number[] }>();
  const count = columns[0]?.[1].length ?? 0;
  for (let row = 0; row < count; row++) {
    const values = columns.map(([, cells]) => cells[row] ?? MISSING);
    const key = JSON.stringify(values);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { values, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups]
    .sort(([a, x], [b, y]) => y.rows.length - x.rows.length || (a < b ? -1 : 1))
    .map(([, { values, rows }]) => ({
      where: Object.fromEntries(columns.map(([name], i) => [name, values[i] as string])),
      rows: Uint32Array.from(rows),
    }));
}
