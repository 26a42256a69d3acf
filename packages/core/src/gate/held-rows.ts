import type { Rows } from './match.ts';
import { RowIndex, type Ids } from './row-index.ts';
import { classKey, type Values } from './sample.ts';

/** The rows of the declared test set, as far as its files tell. */
export type TestRows =
  | {
      readonly kind: 'read';
      /** Those with a label, where labels are known: without one a row cannot be judged. */
      readonly rows: number;
      readonly ids?: Ids;
      readonly label?: Values;
      /** How its columns would be called. */
      readonly names: { readonly id: string; readonly label: string };
    }
  /** Files that are no tables, or cannot be read. `why` is a sentence. */
  | { readonly kind: 'unread'; readonly why: string };

/** What was found equal: every id is there and no other, every label is the one that its row has. */
export type HeldBy = 'id' | 'label';

/** Rows that were evaluated, held against those of the declared test set. */
export interface HeldRows {
  readonly by: readonly HeldBy[];
  /** Rows that were evaluated. */
  readonly rows: number;
  /** Rows of the declared test set; absent where they are not known. */
  readonly declared?: number;
  /** What could not be compared, in sentences; empty where all of it was. */
  readonly open: readonly string[];
}

/** What came of it. `difference`: they are not the same rows, or have other labels. */
export type Holding =
  | { readonly kind: 'held'; readonly value: HeldRows }
  | { readonly kind: 'different'; readonly difference: string };

/**
 * Holds the rows that were evaluated against the declared test set: by id where both have one, else by their number and
 * how often each label occurs. `isExact`: labels must be written the same; else they may be rounded, and classes may have
 * other names, as where a scorer encodes them as numbers.
 */
export function holdRows({ ids, label }: Rows, test: TestRows, isExact: boolean): Holding {
  const rows = label.length;
  if (test.kind === 'unread') return { kind: 'held', value: { by: [], rows, open: [test.why] } };
  const held = (by: readonly HeldBy[], open: readonly string[]): Holding => ({
    kind: 'held',
    value: { by, rows, declared: test.rows, open },
  });
  const noLabels = `Its labels could not be compared: it has no column '${test.names.label}'.`;
  if (ids === undefined || test.ids === undefined) {
    const where = test.ids === undefined ? 'it has' : 'the predictions have';
    const noIds = `Its rows could not be compared one by one: ${where} no column '${test.names.id}'.`;
    if (test.label === undefined) return held([], [noIds, noLabels]);
    if (rows !== test.rows) return held([], [noIds]);
    const same = hasSameLabels(label, test.label, isExact);
    if (same === false) return { kind: 'different', difference: 'its rows have other labels' };
    return held(['label'], [noIds, ...(same === 'renamed' ? [RENAMED] : [])]);
  }
  const index = new RowIndex(test.ids);
  const order = sameIds(ids, test.ids, index);
  if (typeof order === 'string') return { kind: 'different', difference: order };
  if (test.label === undefined) return held(['id'], [noLabels]);
  if (index.repeated !== undefined) {
    const id = test.ids.at(index.repeated) ?? '';
    return held(['id'], [`Its labels could not be compared: the id '${id}' occurs twice in it.`]);
  }
  const row = otherLabel(label, test.label, order, isExact);
  if (row === undefined) return held(['id', 'label'], []);
  const names = isExact ? undefined : renamed(label, test.label, order);
  return names === undefined
    ? { kind: 'different', difference: `the label of id '${ids.at(row)}' is another one there` }
    : held(['id', 'label'], [renaming(names)]);
}

const RENAMED = 'The predictions call its labels otherwise.';
/** More classes than this are not listed. */
const MOST_NAMED = 10;

function renaming(names: ReadonlyMap<string, string>): string {
  if (names.size > MOST_NAMED) return RENAMED;
  const pairs = [...names].map(([here, there]) => `'${there}' is '${here}'`);
  return `The predictions call its labels otherwise: ${pairs.join(', ')}.`;
}

/** Whether nothing tells which rows are missing or too many, though some are. */
export function isOtherCount({ by, declared, rows }: HeldRows): boolean {
  return by.length === 0 && declared !== undefined && rows !== declared;
}

/** For each row the one of the test set with its id; else what is missing on which side. */
function sameIds(own: Ids, declared: Ids, index: RowIndex): Uint32Array | string {
  const order = new Uint32Array(own.length);
  let lost = 0;
  let firstLost = 0;
  const isFound = new Uint8Array(declared.length);
  for (let row = 0; row < own.length; row++) {
    const found = index.find(own.at(row) as string);
    if (found === undefined) {
      if (lost++ === 0) firstLost = row;
      continue;
    }
    order[row] = found;
    isFound[found] = 1;
  }
  if (lost > 0) {
    return `${lost} of ${own.length} ids that were evaluated are not among its rows, the first is '${own.at(firstLost)}'`;
  }
  let missing = 0;
  let firstMissing = 0;
  for (let row = 0; row < declared.length; row++) {
    const isRepeat = index.repeated !== undefined && index.find(declared.at(row) as string) !== row;
    if (isFound[row] === 1 || isRepeat) continue;
    if (missing++ === 0) firstMissing = row;
  }
  return missing === 0
    ? order
    : `${missing} of its ${declared.length} rows were not evaluated, the first has the id '${declared.at(firstMissing)}'`;
}

/** The first row whose label is not that of the test set. */
function otherLabel(own: Values, declared: Values, order: Uint32Array, isExact: boolean): number | undefined {
  const row = order.findIndex((there, here) => !isSameLabel(own[here], declared[there], isExact));
  return row < 0 ? undefined : row;
}

/** How each class is called there, if every class has another name and always the same one. */
function renamed(own: Values, declared: Values, order: Uint32Array): Map<string, string> | undefined {
  const there = new Map<string, string>();
  const here = new Map<string, string>();
  for (let row = 0; row < order.length; row++) {
    const [a, b] = [keyOf(own[row]), keyOf(declared[order[row] as number])];
    if ((there.get(a) ?? b) !== b || (here.get(b) ?? a) !== a) return undefined;
    there.set(a, b);
    here.set(b, a);
  }
  return [...there.keys()].some((name) => here.has(name)) ? undefined : there;
}

/** Whether as many rows have each label, whatever their order. */
function hasSameLabels(own: Values, declared: Values, isExact: boolean): boolean | 'renamed' {
  const [here, there] = [tally(own), tally(declared)];
  if ([...here].every(([name, rows]) => there.get(name) === rows)) return true;
  if (isExact) return false;
  if (own instanceof Float64Array && declared instanceof Float64Array) {
    const [a, b] = [Float64Array.from(own).sort(), Float64Array.from(declared).sort()];
    if (a.every((value, i) => isSameLabel(value, b[i], false))) return true;
  }
  const counts = (tallied: ReadonlyMap<string, number>): string =>
    [...tallied.values()].sort((a, b) => a - b).join();
  const isRenamed = counts(here) === counts(there) && [...here.keys()].every((name) => !there.has(name));
  return isRenamed ? 'renamed' : false;
}

function tally(values: Values): Map<string, number> {
  const rows = new Map<string, number>();
  for (const value of values) {
    const key = keyOf(value);
    rows.set(key, (rows.get(key) ?? 0) + 1);
  }
  return rows;
}

function keyOf(value: string | number | undefined): string {
  return classKey(value as string | number);
}

type Label = string | number | undefined;

/** One class or one number. Not exactly: as a scorer holds it in 32 bits, or rounded by at most a hundredth of it. */
function isSameLabel(own: Label, declared: Label, isExact: boolean): boolean {
  if (own === declared || keyOf(own) === keyOf(declared)) return true;
  if (isExact || typeof own !== 'number' || typeof declared !== 'number') return false;
  if (Math.fround(own) === Math.fround(declared)) return true;
  if (Number.isInteger(own) && Number.isInteger(declared)) return false;
  const digits = Math.max(2, /\.(\d+)$/.exec(String(own))?.[1]?.length ?? 0);
  const change = Math.abs(own - declared);
  return change <= 0.5000001 * 10 ** -digits && change <= Math.abs(declared) / 100;
}
