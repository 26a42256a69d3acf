import { compileRules, objectFor, type RuleSet } from './contract.ts';
import type { Contract } from './contract-schema.ts';
import { conditionOf, patternOf, type Condition } from './conditions.ts';
import { literal, toNumber, type Cell, type Database } from './duckdb.ts';
import { keyDuplicates } from './duplicates.ts';
import { notMatching } from './patterns.ts';
import { FIRST_ROWS, formatCount, holds, verdictOf, type RuleResult } from './rule-result.ts';
import { describeExpectation, type LogicalType, type Rule } from './rules.ts';
import { structureResults } from './structure.ts';
import type { Column, Table } from './table.ts';
import { textOf } from './values.ts';

export interface CheckOptions {
  /** How many cell values to show per failed rule. */
  readonly samples: number;
}

/**
 * Judges a data set by a contract: all counts in one query, then the first rows of what failed in another. Every rule
 * of the contract has a result. Without an object for this data set the only result is an error.
 */
export async function checkTable(
  database: Database,
  table: Table,
  contract: Contract,
  options: CheckOptions,
): Promise<RuleResult[]> {
  const index = objectFor(contract, table.name);
  if (index === undefined) return [noObject(table, contract)];
  const set = compileRules(contract, index);
  if (!set.rules.some((rule) => rule.on !== 'nothing' || rule.verdict === 'error')) {
    return [...structureResults(table, set), noRules(table, index)];
  }
  const counted = await countRows(database, table, set);
  const results: RuleResult[] = [...structureResults(table, set)];
  for (const rule of set.rules) {
    if (rule.on === 'values') continue;
    const result = await judgeOther(database, table, set, rule);
    if (result !== undefined) results.push(result);
  }
  results.push(...(await judgeCounted(database, table, set, counted, options)));
  const order = new Map(set.rules.map((rule, position) => [rule.id, position]));
  return results.sort((a, b) => (order.get(a.id) ?? -1) - (order.get(b.id) ?? -1));
}

/** A rule about single rows, its condition and how many rows violate it. */
interface Counted {
  readonly rule: Extract<Rule, { on: 'values' }>;
  readonly column: Column;
  readonly condition: Condition;
  readonly count: number;
}

async function countRows(database: Database, table: Table, set: RuleSet): Promise<Counted[]> {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const conditions: Omit<Counted, 'count'>[] = [];
  for (const rule of set.rules) {
    const column = rule.on === 'values' ? columns.get(rule.column) : undefined;
    // A column that is not there is the presence rule's finding; it says which rules depend on it.
    if (rule.on !== 'values' || column === undefined) continue;
    const unmatched = await unmatchedValues(
      database,
      table,
      column,
      patternOf(rule.check),
      conditions.length,
    );
    const format = typeRule(set, rule.column)?.format;
    conditions.push({ rule, column, condition: conditionOf(rule.check, column, unmatched, format) });
  }
  if (conditions.length === 0) return [];
  const counts = conditions.map((c, i) => `count(*) FILTER (WHERE ${c.condition.sql}) AS n${i}`);
  const row = (await database.rows(`SELECT ${counts.join(', ')} FROM ${table.relation}`))[0] ?? {};
  return conditions.map((c, i) => ({ ...c, count: toNumber(row[`n${i}`]) }));
}

/** SQL of the values that the pattern does not match, judged once per distinct value. */
async function unmatchedValues(
  database: Database,
  table: Table,
  column: Column,
  pattern: string | undefined,
  index: number,
): Promise<string> {
  if (pattern === undefined) return '(SELECT NULL)';
  const text = textOf(column);
  const [values] = await database.columns(
    `SELECT DISTINCT ${text} FROM ${table.relation} WHERE ${text} IS NOT NULL`,
  );
  const failing = notMatching(pattern, (values ?? []) as string[]);
  const name = `unmatched_${table.relation}_${index}`;
  const list = `from_json(${literal(JSON.stringify(failing))}, '["VARCHAR"]')`;
  await database.run(`CREATE TEMP TABLE ${name} AS SELECT unnest(${list}) AS v`);
  return `(SELECT v FROM ${name})`;
}

async function judgeCounted(
  database: Database,
  table: Table,
  set: RuleSet,
  counted: readonly Counted[],
  options: CheckOptions,
): Promise<RuleResult[]> {
  const failed = counted.filter((c) => !holds(c.count, c.rule.expect, table.rows));
  const rows = await firstRows(database, table, failed);
  const results: RuleResult[] = [];
  for (const c of counted) {
    const first = rows.get(c) ?? [];
    const shown =
      options.samples > 0 && !set.sensitive.has(c.rule.column) ? first.slice(0, options.samples) : [];
    const samples = await cellValues(database, table, c.column, shown);
    results.push({
      ...verdictOf(c.rule, c.rule.check.kind, table, c.count, c.rule.expect, c.condition.words),
      column: c.rule.column,
      places: first.map(table.place),
      ...(samples.length === 0 ? {} : { samples }),
    });
  }
  return results;
}

async function firstRows(
  database: Database,
  table: Table,
  failed: readonly Counted[],
): Promise<Map<Counted, number[]>> {
  const found = failed.filter((c) => c.count > 0);
  if (found.length === 0) return new Map();
  const lists = found.map((c, i) => `min(g, ${FIRST_ROWS}) FILTER (WHERE ${c.condition.sql}) AS r${i}`);
  const row = (await database.rows(`SELECT ${lists.join(', ')} FROM ${table.relation}`))[0] ?? {};
  return new Map(found.map((c, i) => [c, ((row[`r${i}`] ?? []) as Cell[]).map(toNumber)]));
}

async function cellValues(
  database: Database,
  table: Table,
  column: Column,
  rows: readonly number[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const [values] = await database.columns(
    `SELECT ${textOf(column)} FROM ${table.relation} WHERE g IN (${rows.join(', ')}) ORDER BY g`,
  );
  return (values ?? []).map((value) => (value === null ? 'null' : String(value)).slice(0, 100));
}

async function judgeOther(
  database: Database,
  table: Table,
  set: RuleSet,
  rule: Exclude<Rule, { on: 'values' }>,
): Promise<RuleResult | undefined> {
  switch (rule.on) {
    case 'column':
      return presence(table, set, rule);
    case 'table':
      return {
        ...verdictOf(rule, rule.kind, table, table.rows, rule.expect, ''),
        message: `The data set has ${formatCount(table.rows)} rows; expected ${describeExpectation(rule.expect)}.`,
        places: [],
      };
    case 'key': {
      const columns = rule.columns.map((name) => table.columns.find((column) => column.name === name));
      if (columns.some((column) => column === undefined)) return undefined;
      const types = rule.columns.map((name) => typeRule(set, name)?.type);
      const { count, rows } = await keyDuplicates(database, table, columns as Column[], types);
      const words = `repeat an earlier ${rule.columns.length > 1 ? 'combination of ' : 'value of '}${rule.columns.join(', ')}`;
      const result = verdictOf(rule, rule.kind, table, count, rule.expect, words);
      return {
        ...result,
        column: rule.columns.join(', '),
        places: result.verdict === 'pass' ? [] : rows.map(table.place),
      };
    }
    case 'nothing':
      return {
        id: rule.id,
        dataSet: table.name,
        ...(rule.column === undefined ? {} : { column: rule.column }),
        kind: rule.verdict === 'error' ? 'unknown' : 'text',
        verdict: rule.verdict,
        severity: rule.severity,
        places: [],
        message: `${rule.verdict === 'error' ? 'This rule cannot be judged: ' : ''}${rule.why}`,
        path: rule.path,
      };
  }
}

function presence(table: Table, set: RuleSet, rule: Extract<Rule, { on: 'column' }>): RuleResult {
  const there = table.columns.some((column) => column.name === rule.column);
  const depending = set.rules.filter(
    (other) =>
      (other.on === 'values' && other.column === rule.column) ||
      (other.on === 'key' && other.columns.includes(rule.column)),
  ).length;
  return {
    id: rule.id,
    dataSet: table.name,
    column: rule.column,
    kind: 'presence',
    verdict: there ? 'pass' : 'fail',
    severity: rule.severity,
    places: [],
    message: there
      ? `The column '${rule.column}' is there.`
      : `The column '${rule.column}' is missing${depending === 0 ? '' : `, and with it what ${depending} other rules need`}. The data has: ${table.columns.map((c) => c.name).join(', ')}.`,
    path: rule.path,
  };
}

function typeRule(set: RuleSet, column: string): { type: LogicalType; format?: string } | undefined {
  for (const rule of set.rules) {
    if (rule.on === 'values' && rule.column === column && rule.check.kind === 'type') return rule.check;
  }
  return undefined;
}

/** An object without a rule would hold for any data. */
function noRules(table: Table, index: number): RuleResult {
  return {
    id: 'object',
    dataSet: table.name,
    kind: 'unknown',
    verdict: 'error',
    severity: 'fail',
    places: [],
    message: `The contract sets no rule for '${table.name}', so nothing can be proven of it. List its properties, at least the columns that must be there.`,
    path: ['schema', index],
  };
}

function noObject(table: Table, contract: Contract): RuleResult {
  const names = contract.schema.map((object) => object.name).join(', ');
  return {
    id: 'object',
    dataSet: table.name,
    kind: 'unknown',
    verdict: 'error',
    severity: 'fail',
    places: [],
    message: `The contract has no object called '${table.name}'; it has: ${names}. Name the data set after one of them ('name: path' in the input data), or keep one object for all.`,
    path: ['schema'],
  };
}
