import { groupsOf, type Groups } from './groups.ts';
import { RowIndex, type Ids } from './row-index.ts';
import { classKey, type Values } from './sample.ts';

/** The rows of a predictions file as far as they identify the test set. */
export interface Rows {
  /** Absent when the file has no id column. */
  readonly ids?: Ids;
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
      ? inOrder(candidate.label.length)
      : orderById(candidate.ids, baseline.ids);
  if (typeof order === 'string') return different(order);
  const nameOf = (row: number): string =>
    candidate.ids === undefined ? `row ${row + 1}` : `id '${candidate.ids.at(row)}'`;
  const row = order.findIndex((other, own) => !isSame(candidate.label[own], baseline.label[other]));
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

/** The first id that occurs again, or undefined. */
export function repeatedId(ids: Ids): string | undefined {
  const { repeated } = new RowIndex(ids);
  return repeated === undefined ? undefined : (ids.at(repeated) as string);
}

function inOrder(rows: number): Uint32Array {
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return order;
}

function orderById(candidate: Ids, baseline: Ids): Uint32Array | string {
  const index = new RowIndex(baseline);
  const order = new Uint32Array(candidate.length);
  let lost = 0;
  let first = 0;
  for (let row = 0; row < order.length; row++) {
    const found = index.find(candidate.at(row) as string);
    if (found !== undefined) order[row] = found;
    else if (lost++ === 0) first = row;
  }
  if (lost > 0) {
    return `${lost} of ${candidate.length} ids of the candidate are not in it, the first is '${candidate.at(first)}'`;
  }
  return index.repeated === undefined ? order : `the id '${baseline.at(index.repeated)}' occurs twice in it`;
}

/** Whether two labels are one class. */
function isSame(a: string | number | undefined, b: string | number | undefined): boolean {
  return a === b || classKey(a as string | number) === classKey(b as string | number);
}

function different(difference: string): Match {
  return {
    kind: 'different',
    difference,
    message: `The baseline was measured on another test set: ${difference}.`,
  };
}
