import * as z from 'zod/mini';
import { toNumber, type Database } from './duckdb.ts';
import type { LogicalType } from './rules.ts';
import type { Column, Table } from './table.ts';
import { isNumeric, numberOf, sqlNumber, textOf } from './values.ts';

/** Up to this many different values are listed with their counts; with more a column has no list of values. */
export const MOST_VALUES = 100;
const HISTOGRAM_BINS = 20;
const QUANTILES = [0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.99];
const DECILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

const count = z.int().check(z.nonnegative());
/** Counts between edges; with `n` edges of a histogram there are `n - 1` counts, between inner edges `n + 1`. */
const bins = z.strictObject({ edges: z.array(z.number()), counts: z.array(count) });
const common = {
  name: z.string(),
  /** Values that are there; for numbers only the finite ones. */
  count,
  missing: count,
  distinct: count,
  /** The engine's name of the Parquet type; absent for text files. */
  'stored-as': z.optional(z.string()),
};

const numberColumn = z.strictObject({
  ...common,
  type: z.literal('number'),
  'non-finite': count,
  /** Whether all of them are whole numbers. */
  whole: z.boolean(),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  /** Of the sample (n - 1); absent for a single value. */
  std: z.optional(z.number()),
  /** Keys are probabilities; each value occurs in the data (the smallest with at least that share at or below it). */
  quantiles: z.record(z.string(), z.number()),
  /** Equal widths from min to max. */
  histogram: bins,
  /** Inner edges are the deciles, each once; a bin includes its upper edge and the outer ones are open. */
  deciles: bins,
  values: z.optional(z.record(z.string(), count)),
});
const categoryColumn = z.strictObject({
  ...common,
  type: z.literal('category'),
  /** Every value with its count; absent when there are more than 100 or the contract calls the column sensitive. */
  values: z.optional(z.record(z.string(), count)),
});
const emptyColumn = z.strictObject({ ...common, type: z.literal('empty') });

const column = z.discriminatedUnion('type', [numberColumn, categoryColumn, emptyColumn]);

export const profileSchema = z.strictObject({
  'schema-version': z.literal(1),
  kind: z.literal('sluice-data-profile'),
  data: z.array(
    z.strictObject({ name: z.string(), rows: count, digest: z.string(), columns: z.array(column) }),
  ),
});

/** What is kept of data to compare later data with: counts, no rows. Values of columns with few of them are listed. */
export type Profile = z.infer<typeof profileSchema>;
export type DataProfile = Profile['data'][number];
export type ColumnProfile = z.infer<typeof column>;
export type NumberProfile = z.infer<typeof numberColumn>;

interface ProfileOptions {
  readonly digest: string;
  /** Types from the contract; without one a text column of numbers only is a number. */
  readonly types: ReadonlyMap<string, LogicalType>;
  /** Columns whose values are not listed. */
  readonly sensitive: ReadonlySet<string>;
}

/** Profiles a data set. Every column is read once; the rest is computed from its values and their counts. */
export async function profileTable(
  database: Database,
  table: Table,
  options: ProfileOptions,
): Promise<DataProfile> {
  const columns: ColumnProfile[] = [];
  for (const column of table.columns) columns.push(await profileColumn(database, table, column, options));
  return { name: table.name, rows: table.rows, digest: options.digest, columns };
}

/**
 * The table with the values of a profiled column, for as long as the database is open: `k` is a value as text, `v` the
 * same as a number (NULL where it is none), `n` how often it occurs. Missing values are not in it.
 */
export function valuesRelation(table: Table, column: Column): string {
  return `values_${table.relation}_${column.sql}`;
}

async function profileColumn(
  database: Database,
  table: Table,
  column: Column,
  options: ProfileOptions,
): Promise<ColumnProfile> {
  const type = options.types.get(column.name);
  const relation = await countValues(database, table, column, type);
  const { count, distinct, numbers, finite } = await sums(database, relation);
  const stored = column.types[0];
  const common = {
    name: column.name,
    count,
    missing: table.rows - count,
    distinct,
    ...(stored === undefined ? {} : { 'stored-as': stored }),
  };
  if (count === 0) return { ...common, type: 'empty' };
  const hidden = options.sensitive.has(column.name) || distinct > MOST_VALUES;
  if (finite > 0 && (numbers === count || isNumberType(type))) {
    const values = hidden ? undefined : await valueCounts(database, 'CAST(v AS VARCHAR)', relation);
    return {
      ...common,
      ...(await profileNumbers(database, relation)),
      count: finite,
      type: 'number',
      'non-finite': count - finite,
      ...(values === undefined ? {} : { values }),
    };
  }
  const values = hidden
    ? undefined
    : await valueCounts(database, type === 'boolean' ? 'lower(k)' : 'k', relation);
  return { ...common, type: 'category', ...(values === undefined ? {} : { values }) };
}

function isNumberType(type: LogicalType | undefined): boolean {
  return type === 'integer' || type === 'number';
}

/** Text is parsed once per different value, not once per row. */
async function countValues(
  database: Database,
  table: Table,
  column: Column,
  type: LogicalType | undefined,
): Promise<string> {
  const relation = valuesRelation(table, column);
  const number = isNumeric(column) && (type === undefined || isNumberType(type));
  await database.run(
    `CREATE TEMP TABLE ${relation} AS SELECT ${textOf(column)} AS k, ${number ? numberOf(column) : 'NULL::DOUBLE'} AS v, n FROM (SELECT ${column.sql}, count(*) AS n FROM ${table.relation} WHERE ${column.sql} IS NOT NULL GROUP BY ALL)`,
  );
  return relation;
}

async function sums(
  database: Database,
  relation: string,
): Promise<{ count: number; distinct: number; numbers: number; finite: number }> {
  const sum = (condition: string): string => `coalesce(sum(n) FILTER (WHERE ${condition}), 0)`;
  const list = `${sum('true')} AS a, count(*) AS d, ${sum('v IS NOT NULL')} AS b, ${sum('isfinite(v)')} AS f`;
  const row = (await database.rows(`SELECT ${list} FROM ${relation}`))[0] ?? {};
  return {
    count: toNumber(row['a']),
    distinct: toNumber(row['d']),
    numbers: toNumber(row['b']),
    finite: toNumber(row['f']),
  };
}

type NumberPart = Pick<
  NumberProfile,
  'whole' | 'min' | 'max' | 'mean' | 'std' | 'quantiles' | 'histogram' | 'deciles'
>;

async function profileNumbers(database: Database, relation: string): Promise<NumberPart> {
  const quantiles = QUANTILES.map((p, i) => `min(v) FILTER (WHERE upto >= ${p} * total) AS q${i}`);
  const rows = await database.rows(`
    WITH finite AS (SELECT v, sum(n) AS n FROM ${relation} WHERE isfinite(v) GROUP BY v),
    running AS (SELECT v, n, sum(n) OVER (ORDER BY v) AS upto FROM finite),
    whole AS (SELECT min(v) AS low, max(v) AS high, sum(n) AS total, sum(v * n) / sum(n) AS mean FROM finite)
    SELECT any_value(low) AS low, any_value(high) AS high, any_value(mean) AS mean, bool_and(v = trunc(v)) AS whole,
      sqrt(sum(n * (v - mean) * (v - mean)) / nullif(any_value(total) - 1, 0)) AS std, ${quantiles.join(', ')}
    FROM running, whole`);
  const row = rows[0] ?? {};
  const [min, max] = [toNumber(row['low']), toNumber(row['high'])];
  const byProbability = Object.fromEntries(QUANTILES.map((p, i) => [String(p), toNumber(row[`q${i}`])]));
  const deciles = [...new Set(DECILES.map((p) => byProbability[String(p)] as number))];
  const edges = histogramEdges(min, max);
  return {
    whole: row['whole'] === true,
    min,
    max,
    mean: toNumber(row['mean']),
    ...(row['std'] === null ? {} : { std: toNumber(row['std']) }),
    quantiles: byProbability,
    histogram: { edges, counts: await binCounts(database, relation, edges.slice(1, -1)) },
    deciles: { edges: deciles, counts: await binCounts(database, relation, deciles) },
  };
}

function histogramEdges(min: number, max: number): number[] {
  if (min === max) return [min, max];
  const width = max / HISTOGRAM_BINS - min / HISTOGRAM_BINS;
  return Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => (i === HISTOGRAM_BINS ? max : min + i * width));
}

/** How many finite values of a `valuesRelation` fall into the bins (-∞, e1], (e1, e2], … (en, ∞). */
export async function binCounts(
  database: Database,
  relation: string,
  edges: readonly number[],
): Promise<number[]> {
  const cases = edges.map((edge, i) => `WHEN v <= ${sqlNumber(edge)} THEN ${i}`).join(' ');
  const bin = edges.length === 0 ? '0' : `CASE ${cases} ELSE ${edges.length} END`;
  const rows = await database.rows(
    `SELECT ${bin} AS bin, sum(n) AS n FROM ${relation} WHERE isfinite(v) GROUP BY bin`,
  );
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const row of rows) counts[toNumber(row['bin'])] = toNumber(row['n']);
  return counts;
}

async function valueCounts(
  database: Database,
  key: string,
  relation: string,
): Promise<Record<string, number>> {
  const rows = await database.rows(
    `SELECT ${key} AS value, sum(n) AS n FROM ${relation} WHERE ${key} IS NOT NULL GROUP BY value ORDER BY sum(n) DESC, value`,
  );
  return Object.fromEntries(rows.map((row) => [String(row['value']), toNumber(row['n'])]));
}
