import { groupsOf, type Groups } from './groups.ts';
import { classKey, type Values } from './sample.ts';

/** The ids of rows; an array is one, and so is a column that keeps its texts more tightly. */
export interface Ids {
  readonly length: number;
  at(row: number): string | null | undefined;
}

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
      ? Uint32Array.from({ length: candidate.label.length }, (_, row) => row)
      : orderById(candidate.ids, baseline.ids);
  if (typeof order === 'string') return different(order);
  const nameOf = (row: number): string =>
    candidate.ids === undefined ? `row ${row + 1}` : `id '${candidate.ids.at(row)}'`;
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

/** The first id that occurs again, or undefined. */
export function repeatedId(ids: Ids): string | undefined {
  const repeated = eachPart(ids, ids, ({ own }) => {
    const seen = new Set<string>();
    return own.find((row) => seen.size === seen.add(ids.at(row) as string).size);
  }).filter((row) => row !== undefined);
  return repeated.length === 0 ? undefined : (ids.at(Math.min(...repeated)) as string);
}

function orderById(candidate: Ids, baseline: Ids): Uint32Array | string {
  const order = new Uint32Array(candidate.length);
  const missing = eachPart(candidate, baseline, ({ own, other }) => {
    const rowOf = new Map(Array.from(other, (row) => [baseline.at(row) as string, row]));
    return own.filter((row) => {
      const found = rowOf.get(candidate.at(row) as string);
      order[row] = found ?? 0;
      return found === undefined;
    });
  });
  const lost = missing.reduce((sum, rows) => sum + rows.length, 0);
  if (lost > 0) {
    const first = missing.reduce((least, rows) => Math.min(least, rows[0] ?? Infinity), Infinity);
    return `${lost} of ${candidate.length} ids of the candidate are not in it, the first is '${candidate.at(first)}'`;
  }
  const repeated = repeatedId(baseline);
  return repeated === undefined ? order : `the id '${repeated}' occurs twice in it`;
}

/** Rows of two files whose ids may be equal, ascending. */
interface Part {
  readonly own: Uint32Array;
  readonly other: Uint32Array;
}

/** Few enough ids that a Map of them is small. */
const PART_ROWS = 100_000;

/** Takes the rows apart by their ids, so that never all ids are in memory as texts at once. */
function eachPart<T>(own: Ids, other: Ids, visit: (part: Part) => T): T[] {
  const count = Math.ceil(Math.max(1, own.length, other.length) / PART_ROWS);
  const [ownParts, otherParts] = [partsOf(own, count), own === other ? undefined : partsOf(other, count)];
  return Array.from({ length: count }, (_, part) => {
    const rows = rowsIn(ownParts, part);
    return visit({ own: rows, other: otherParts === undefined ? rows : rowsIn(otherParts, part) });
  });
}

/** A small hash of each id; equal ids are in the same part, which is all that is asked of it. */
function partsOf(ids: Ids, count: number): Uint16Array {
  const parts = new Uint16Array(ids.length);
  if (count === 1) return parts;
  for (let row = 0; row < parts.length; row++) {
    const id = ids.at(row) as string;
    let hash = 0;
    for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
    parts[row] = (hash >>> 0) % count;
  }
  return parts;
}

function rowsIn(parts: Uint16Array, part: number): Uint32Array {
  let size = 0;
  for (const one of parts) if (one === part) size++;
  const rows = new Uint32Array(size);
  let next = 0;
  for (let row = 0; row < parts.length; row++) if (parts[row] === part) rows[next++] = row;
  return rows;
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
