import { groupsOf, type Groups } from './groups.ts';
import { classKey, type Values } from './sample.ts';

/** The rows of a predictions file as far as they identify the test set. */
export interface Rows {
  /** Absent when the file has no id column. */
  readonly ids?: readonly string[];
  readonly label: Values;
  readonly queries?: Groups;
}

/** For each row of the candidate the row of the baseline, or why the two are not the same test set. */
export type Match =
  | { readonly kind: 'same'; readonly order: Uint32Array }
  | {
      readonly kind: 'different';
      readonly message: string;
      /** What is different, without saying of what. */
      readonly difference: string;
    };

/**
 * Pairs the rows of two predictions files by id, whatever their order; without ids, row by row. Both must hold the same
 * rows with the same labels. Never drops a row: an id on one side only makes the test sets different.
 */
export function matchRows(candidate: Rows, baseline: Rows): Match {
  if ((candidate.ids === undefined) !== (baseline.ids === undefined)) {
    return different('only one of the two predictions files has an id column');
  }
  if (candidate.label.length !== baseline.label.length) {
    return different(`it has ${baseline.label.length} rows, the candidate's has ${candidate.label.length}`);
  }
  const order =
    candidate.ids === undefined || baseline.ids === undefined
      ? Uint32Array.from({ length: candidate.label.length }, (_, row) => row)
      : orderById(candidate.ids, baseline.ids);
  if (typeof order === 'string') return different(order);
  const nameOf = (row: number): string =>
    candidate.ids === undefined ? `row ${row + 1}` : `id '${candidate.ids[row]}'`;
  const row = order.findIndex((other, own) => key(candidate.label, own) !== key(baseline.label, other));
  if (row >= 0) return different(`the label of ${nameOf(row)} is another one`);
  const moved = movedRow(candidate.queries, baseline.queries, order);
  if (moved !== undefined) return different(`the query of ${nameOf(moved)} has other rows`);
  return { kind: 'same', order };
}

/** The first row that belongs together with other rows in the baseline, if there is one. */
function movedRow(
  own: Groups | undefined,
  other: Groups | undefined,
  order: Uint32Array,
): number | undefined {
  if (own === undefined || other === undefined) return undefined;
  // Numbered by first occurrence in the same order, the same groups have the same numbers.
  const renumbered = groupsOf(order.map((row) => other.of[row] as number));
  const row = own.of.findIndex((query, i) => query !== renumbered.of[i]);
  return row < 0 ? undefined : row;
}

/** The first id that occurs twice, or undefined. */
export function repeatedId(ids: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return ids.find((id) => seen.size === seen.add(id).size);
}

function orderById(candidate: readonly string[], baseline: readonly string[]): Uint32Array | string {
  const rowOf = new Map(baseline.map((id, row) => [id, row]));
  const missing = candidate.filter((id) => !rowOf.has(id));
  if (missing.length > 0) {
    return `${missing.length} of ${candidate.length} ids of the candidate are not in it, the first is '${missing[0]}'`;
  }
  if (rowOf.size < baseline.length) return `the id '${repeatedId(baseline)}' occurs twice in it`;
  return Uint32Array.from(candidate, (id) => rowOf.get(id) as number);
}

function key(values: Values, row: number): string {
  return classKey(values[row] as string | number);
}

function different(difference: string): Match {
  return {
    kind: 'different',
    difference,
    message: `The baseline was measured on another test set: ${difference}.`,
  };
}
