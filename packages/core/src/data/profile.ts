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
};

const numberColumn = z.strictObject({
  ...common,
  type: z.literal('number'),
  'non-finite': count,
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

/** Profiles a data set with one query over all columns and a few small ones for each. */
export async function profileTable(
  database: Database,
  table: Table,
  options: ProfileOptions,
): Promise<DataProfile> {
  const relation = await withNumbers(database, table, options.types);
  const basics = await countAll(database, table, relation);
  const columns: ColumnProfile[] = [];
  for (const [index, column] of table.columns.entries()) {
    columns.push(await profileColumn(database, column, relation, basics[index] as Basics, options));
  }
  return { name: table.name, rows: table.rows, digest: options.digest, columns };
}

/** A table with the numbers of every column that may hold some as `n…`, so that text is parsed once. */
async function withNumbers(
  database: Database,
  table: Table,
  types: ReadonlyMap<string, LogicalType>,
): Promise<string> {
  const numbers = table.columns.map((column) => {
    const type = types.get(column.name);
    const may = isNumeric(column) && (type === undefined || type === 'integer' || type === 'number');
    return `${may ? numberOf(column) : 'NULL::DOUBLE'} AS n${column.sql}`;
  });
  const relation = `profile_${table.relation}`;
  await database.run(
    `CREATE TEMP ${table.columns[0]?.storage === 'typed' ? 'VIEW' : 'TABLE'} ${relation} AS SELECT *, ${numbers.join(', ')} FROM ${table.relation}`,
  );
  return relation;
}

interface Basics {
  readonly count: number;
  readonly missing: number;
  readonly distinct: number;
  readonly numbers: number;
  readonly finite: number;
}

async function countAll(database: Database, table: Table, relation: string): Promise<Basics[]> {
  const list = table.columns.flatMap(({ sql }) => [
    `count(${sql}) AS ${sql}_count`,
    `count(DISTINCT ${sql}) AS ${sql}_distinct`,
    `count(n${sql}) AS ${sql}_numbers`,
    `count(*) FILTER (WHERE isfinite(n${sql})) AS ${sql}_finite`,
  ]);
  const row = (await database.rows(`SELECT ${list.join(', ')} FROM ${relation}`))[0] ?? {};
  return table.columns.map(({ sql }) => ({
    count: toNumber(row[`${sql}_count`]),
    missing: table.rows - toNumber(row[`${sql}_count`]),
    distinct: toNumber(row[`${sql}_distinct`]),
    numbers: toNumber(row[`${sql}_numbers`]),
    finite: toNumber(row[`${sql}_finite`]),
  }));
}

async function profileColumn(
  database: Database,
  column: Column,
  relation: string,
  basics: Basics,
  options: ProfileOptions,
): Promise<ColumnProfile> {
  const { count, missing, distinct, numbers, finite } = basics;
  const common = { name: column.name, count, missing, distinct };
  if (count === 0) return { ...common, type: 'empty' };
  const type = options.types.get(column.name);
  const numeric = finite > 0 && (numbers === count || type === 'integer' || type === 'number');
  const hidden = options.sensitive.has(column.name) || distinct > MOST_VALUES;
  if (numeric) {
    const profile = await profileNumbers(database, `n${column.sql}`, relation);
    const values = hidden
      ? undefined
      : await valueCounts(database, `CAST(n${column.sql} AS VARCHAR)`, relation);
    return {
      ...common,
      count: finite,
      type: 'number',
      'non-finite': count - finite,
      ...profile,
      ...(values === undefined ? {} : { values }),
    };
  }
  const key = type === 'boolean' ? `lower(${textOf(column)})` : textOf(column);
  const values = hidden ? undefined : await valueCounts(database, key, relation);
  return { ...common, type: 'category', ...(values === undefined ? {} : { values }) };
}

type NumberPart = Pick<NumberProfile, 'min' | 'max' | 'mean' | 'std' | 'quantiles' | 'histogram' | 'deciles'>;

async function profileNumbers(database: Database, value: string, relation: string): Promise<NumberPart> {
  const finite = `FROM ${relation} WHERE isfinite(${value})`;
  const row =
    (
      await database.rows(
        `SELECT min(${value}) AS low, max(${value}) AS high, avg(${value}) AS mean, stddev_samp(${value}) AS std, quantile_disc(${value}, [${QUANTILES.join(', ')}]) AS q ${finite}`,
      )
    )[0] ?? {};
  const [min, max] = [toNumber(row['low']), toNumber(row['high'])];
  const quantiles = (row['q'] as number[]).map((quantile, i) => [String(QUANTILES[i]), quantile] as const);
  const byProbability = Object.fromEntries(quantiles);
  const deciles = [...new Set(DECILES.map((p) => byProbability[String(p)] as number))];
  const width = (max - min) / HISTOGRAM_BINS;
  const edges =
    max > min
      ? Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => (i === HISTOGRAM_BINS ? max : min + i * width))
      : [min, max];
  return {
    min,
    max,
    mean: toNumber(row['mean']),
    ...(row['std'] === null ? {} : { std: toNumber(row['std']) }),
    quantiles: byProbability,
    histogram: { edges, counts: await binCounts(database, value, relation, edges.slice(1, -1)) },
    deciles: { edges: deciles, counts: await binCounts(database, value, relation, deciles) },
  };
}

/** How many finite values fall into the bins (-∞, e1], (e1, e2], … (en, ∞). */
export async function binCounts(
  database: Database,
  value: string,
  relation: string,
  edges: readonly number[],
): Promise<number[]> {
  const cases = edges.map((edge, i) => `WHEN v <= ${sqlNumber(edge)} THEN ${i}`).join(' ');
  const bin = edges.length === 0 ? '0' : `CASE ${cases} ELSE ${edges.length} END`;
  const rows = await database.rows(
    `SELECT ${bin} AS bin, sum(n) AS n FROM (SELECT ${value} AS v, count(*) AS n FROM ${relation} WHERE isfinite(${value}) GROUP BY v) GROUP BY bin`,
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
    `SELECT ${key} AS value, count(*) AS n FROM ${relation} WHERE ${key} IS NOT NULL GROUP BY value ORDER BY n DESC, value`,
  );
  return Object.fromEntries(rows.map((row) => [String(row['value']), toNumber(row['n'])]));
}
