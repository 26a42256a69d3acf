import { groupsOf, type Groups } from './groups.ts';

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
  const groups = columns.map(([, cells]) => groupsOf(named(cells))).reduce(crossed);
  return rowsOfEach(groups)
    .map((rows) => {
      const values = columns.map(([name, cells]) => [name, cells[rows[0] as number] ?? MISSING] as const);
      return {
        where: Object.fromEntries(values),
        rows,
        key: JSON.stringify(values.map(([, value]) => value)),
      };
    })
    .sort((a, b) => b.rows.length - a.rows.length || (a.key < b.key ? -1 : 1))
    .map(({ where, rows }) => ({ where, rows }));
}

function* named(cells: readonly (string | null)[]): Generator<string> {
  for (const cell of cells) yield cell ?? MISSING;
}

/** Rows that are together in both. */
function crossed(a: Groups, b: Groups): Groups {
  const pairs = new Float64Array(a.of.length);
  for (let row = 0; row < pairs.length; row++)
    pairs[row] = (a.of[row] as number) * b.count + (b.of[row] as number);
  return groupsOf(pairs);
}

/** The rows of each group, ascending. */
function rowsOfEach({ of, count }: Groups): Uint32Array[] {
  const sizes = new Uint32Array(count);
  for (const group of of) sizes[group] = (sizes[group] as number) + 1;
  const rows = Array.from(sizes, (size) => new Uint32Array(size));
  const filled = new Uint32Array(count);
  for (let row = 0; row < of.length; row++) {
    const group = of[row] as number;
    const own = rows[group] as Uint32Array;
    own[filled[group] as number] = row;
    filled[group] = (filled[group] as number) + 1;
  }
  return rows;
}
