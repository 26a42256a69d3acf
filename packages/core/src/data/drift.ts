import { toNumber, type Database } from './duckdb.ts';
import { jensenShannonDistance, populationStabilityIndex } from './drift-measures.ts';
import {
  binCounts,
  valuesRelation,
  type ColumnProfile,
  type DataProfile,
  type NumberProfile,
} from './profile.ts';
import type { Table } from './table.ts';

/** How a column's distribution is compared, and from which value on it has drifted. */
export const DRIFT_METHODS = {
  /** Population stability index over the reference's deciles; numbers with more than 20 different values. */
  psi: 0.2,
  /** Largest distance of the two empirical distributions (Kolmogorov-Smirnov D); only where the reference is data. */
  'ks-distance': 0.2,
  /** Jensen-Shannon distance, base 2; columns with few values. */
  'js-distance': 0.1,
  /** Share of current values that the reference does not have. */
  'new-values': 0,
  /** Change of the share of missing values. */
  'missing-rate': 0.05,
} as const;

/** Below this many values on either side a distance is mostly chance. */
const FEWEST_VALUES = 200;
const FEW_DIFFERENT = 20;

export interface DriftResult {
  readonly dataSet: string;
  readonly column: string;
  readonly method: keyof typeof DRIFT_METHODS | 'columns' | 'type' | 'none';
  readonly value?: number;
  readonly threshold?: number;
  /** `info`: not compared, and why. */
  readonly verdict: 'pass' | 'warn' | 'info';
  readonly nReference: number;
  readonly nCurrent: number;
  readonly message: string;
}

/** One side of a comparison: its profile and, where its rows are at hand, how to query them. */
export interface DriftSide {
  readonly profile: DataProfile;
  readonly source?: { readonly database: Database; readonly table: Table };
}

/** The current side always has its rows. */
type CurrentSide = Required<DriftSide>;

/** Compares every column of a data set with the reference. Gates on effect sizes: with many rows any p-value is small. */
export async function measureDrift(reference: DriftSide, current: CurrentSide): Promise<DriftResult[]> {
  const now = new Map(current.profile.columns.map((column) => [column.name, column]));
  const results: DriftResult[] = [];
  for (const before of reference.profile.columns) {
    const column = now.get(before.name);
    now.delete(before.name);
    if (column === undefined) results.push(columnGone(reference, current, before));
    else results.push(...(await compareColumn(reference, current, before, column)));
  }
  for (const column of now.values()) results.push(columnNew(reference, current, column));
  return results;
}

async function compareColumn(
  reference: DriftSide,
  current: CurrentSide,
  before: ColumnProfile,
  now: ColumnProfile,
): Promise<DriftResult[]> {
  const base = {
    dataSet: current.profile.name,
    column: now.name,
    nReference: before.count,
    nCurrent: now.count,
  };
  const missing = missingRate(reference.profile, current.profile, before, now, base);
  if (before.type === 'empty' || now.type === 'empty') return [missing];
  if (before.type !== now.type) {
    const message = `was a ${before.type} in the reference and is a ${now.type} now`;
    return [missing, { ...base, method: 'type', verdict: 'warn', message }];
  }
  if (before.count < FEWEST_VALUES || now.count < FEWEST_VALUES) {
    const message = `has ${before.count} values in the reference and ${now.count} now; at least ${FEWEST_VALUES} are needed on each side`;
    return [missing, { ...base, method: 'none', verdict: 'info', message }];
  }
  if (before.type === 'number' && now.type === 'number' && before.distinct > FEW_DIFFERENT) {
    return [missing, ...(await compareNumbers(reference, current, before, base))];
  }
  return [missing, ...compareValues(before, now, base)];
}

type Base = Pick<DriftResult, 'dataSet' | 'column' | 'nReference' | 'nCurrent'>;

function judged(base: Base, method: keyof typeof DRIFT_METHODS, value: number, words: string): DriftResult {
  const threshold = DRIFT_METHODS[method];
  const drifted = method === 'new-values' ? value > threshold : value >= threshold;
  return {
    ...base,
    method,
    value,
    threshold,
    verdict: drifted ? 'warn' : 'pass',
    message: `${words} ${value.toPrecision(3)} (limit ${threshold})`,
  };
}

function missingRate(
  reference: DataProfile,
  current: DataProfile,
  before: ColumnProfile,
  now: ColumnProfile,
  base: Base,
): DriftResult {
  const rate = (profile: DataProfile, column: ColumnProfile): number =>
    profile.rows === 0 ? 0 : column.missing / profile.rows;
  const change = Math.abs(rate(current, now) - rate(reference, before));
  const counts = { ...base, nReference: reference.rows, nCurrent: current.rows };
  return judged(counts, 'missing-rate', change, 'the share of missing values changed by');
}

async function compareNumbers(
  reference: DriftSide,
  current: CurrentSide,
  before: NumberProfile,
  base: Base,
): Promise<DriftResult[]> {
  const { database, table } = current.source;
  const relation = relationOf(table, base.column);
  const counts = await binCounts(database, relation, before.deciles.edges);
  const psi = populationStabilityIndex(before.deciles.counts, counts);
  const results = [judged(base, 'psi', psi, 'the population stability index is')];
  if (reference.source === undefined) return results;
  const distance = await ksDistance(database, relationOf(reference.source.table, base.column), relation);
  return [...results, judged(base, 'ks-distance', distance, 'the Kolmogorov-Smirnov distance is')];
}

/** Where `profileTable` put the values of a column. */
function relationOf(table: Table, name: string): string {
  const column = table.columns.find((c) => c.name === name);
  if (column === undefined) throw new TypeError(`no column ${name}`);
  return valuesRelation(table, column);
}

/** Largest difference of the two empirical distribution functions, as `scipy.stats.ks_2samp(...).statistic`. */
async function ksDistance(database: Database, reference: string, current: string): Promise<number> {
  const rows = await database.rows(`
    WITH both_sides AS (SELECT v, n AS r, 0 AS c FROM ${reference} UNION ALL SELECT v, 0 AS r, n AS c FROM ${current}),
    counts AS (SELECT v, sum(r) AS r, sum(c) AS c FROM both_sides WHERE isfinite(v) GROUP BY v),
    running AS (SELECT sum(r) OVER (ORDER BY v) AS r, sum(c) OVER (ORDER BY v) AS c FROM counts)
    SELECT max(abs(r / (SELECT sum(r) FROM counts) - c / (SELECT sum(c) FROM counts))) AS d FROM running`);
  return toNumber(rows[0]?.['d']);
}

function compareValues(before: ColumnProfile, now: ColumnProfile, base: Base): DriftResult[] {
  const listed = before.type === 'empty' ? undefined : before.values;
  const current = now.type === 'empty' ? undefined : now.values;
  if (listed === undefined) {
    const message = `has ${before.distinct} different values in the reference, or they are not kept; its distribution was not compared`;
    return [{ ...base, method: 'none', verdict: 'info', message }];
  }
  if (current === undefined) {
    const message = `has ${now.distinct} different values now; the reference had ${before.distinct}`;
    return [
      { ...base, method: 'new-values', threshold: DRIFT_METHODS['new-values'], verdict: 'warn', message },
    ];
  }
  // Maps, since a value may be called like a property that every object has.
  const [was, is] = [new Map(Object.entries(listed)), new Map(Object.entries(current))];
  const fresh = [...is].filter(([value]) => !was.has(value));
  const share = fresh.reduce((sum, [, count]) => sum + count, 0) / now.count;
  const distance = jensenShannonDistance(was, is);
  return [
    judged(base, 'js-distance', distance, 'the Jensen-Shannon distance is'),
    judged(base, 'new-values', share, `${fresh.length} values are new; their share of the rows is`),
  ];
}

function columnGone(reference: DriftSide, current: DriftSide, before: ColumnProfile): DriftResult {
  return {
    dataSet: current.profile.name,
    column: before.name,
    method: 'columns',
    verdict: 'warn',
    nReference: reference.profile.rows,
    nCurrent: 0,
    message: 'is in the reference and not in the data',
  };
}

function columnNew(reference: DriftSide, current: DriftSide, now: ColumnProfile): DriftResult {
  return {
    dataSet: current.profile.name,
    column: now.name,
    method: 'columns',
    verdict: 'info',
    nReference: 0,
    nCurrent: now.count,
    message: `is not in the reference (data set '${reference.profile.name}')`,
  };
}
