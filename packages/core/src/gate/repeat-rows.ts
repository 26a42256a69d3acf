import { UserError } from '../action/errors.ts';
import { classKey, takeRows, type Sample, type Values } from './sample.ts';

/** Rows of a predictions file in which every item was predicted several times. */
export interface RepeatedRows {
  /** Each item once, in the order of its first row. */
  readonly ids: readonly string[];
  /** For each repeat the row of every item. */
  readonly runs: readonly Uint32Array[];
}

/**
 * Arranges rows by item and repeat. `what` names the file in messages. Throws `duplicate-id` for an item that a repeat
 * has twice, and `unreadable-data` for one that a repeat lacks: what was not predicted can be counted neither as right
 * nor as wrong.
 */
export function arrangeRepeats(
  ids: readonly string[],
  repeats: readonly string[],
  what: string,
): RepeatedRows {
  const items = new Map([...new Set(ids)].map((id, i) => [id, i]));
  const runs = new Map<string, Map<number, number>>();
  repeats.forEach((name, row) => {
    const item = items.get(ids[row] as string) as number;
    const run = runs.get(name) ?? new Map<number, number>();
    runs.set(name, run);
    if (run.has(item)) {
      throw new UserError(
        'duplicate-id',
        `${what}: the id '${ids[row]}' occurs twice in repeat '${name}'. Write each id once in every repeat, or name other columns in gate.columns.`,
      );
    }
    run.set(item, row);
  });
  const names = [...items.keys()];
  const arranged = [...runs].map(([name, run]) =>
    Uint32Array.from(names, (id, item) => {
      const row = run.get(item);
      if (row !== undefined) return row;
      throw new UserError(
        'unreadable-data',
        `${what}: the id '${id}' has no row in repeat '${name}'. Every id needs one in each of the ${runs.size} repeats; predict the missing ones, or leave that repeat out.`,
      );
    }),
  );
  return { ids: names, runs: arranged };
}

/**
 * One row per item, its further predictions as repeats. Throws `unreadable-data` for an item whose label or query is
 * another one in another repeat.
 */
export function foldRepeats(sample: Sample, { ids, runs }: RepeatedRows, what: string): Sample {
  const [first, ...others] = runs.map((rows) => takeRows(sample, rows)) as [Sample, ...Sample[]];
  for (const other of others) {
    const row = ids.findIndex((_, item) => !isSameItem(first, other, item));
    if (row >= 0) {
      throw new UserError(
        'unreadable-data',
        `${what}: the label or the query of the id '${ids[row]}' is not the same in all repeats. Repeats are predictions of the same row.`,
      );
    }
  }
  return { ...first, repeats: others };
}

function isSameItem(a: Sample, b: Sample, item: number): boolean {
  const key = (values: Values): string => classKey(values[item] as string | number);
  return key(a.label) === key(b.label) && a.queries?.of[item] === b.queries?.of[item];
}

/** For each item the value of a column; throws `unreadable-data` where repeats of an item have different ones. */
export function foldColumn(
  cells: readonly (string | null)[],
  { ids, runs }: RepeatedRows,
  what: string,
): (string | null)[] {
  return ids.map((id, item) => {
    const values = new Set(runs.map((rows) => cells[rows[item] as number] as string | null));
    if (values.size === 1) return [...values][0] as string | null;
    throw new UserError(
      'unreadable-data',
      `${what}: the id '${id}' has ${[...values].map((v) => `'${v ?? ''}'`).join(' and ')} in its repeats. What slices, groups or clusters rows has to be the same in all of them.`,
    );
  });
}
