import { closest } from 'fastest-levenshtein';
import { patternFault } from './patterns.ts';
import type { Check, Comparison, Expectation, Rule, Scalar } from './rules.ts';

type Path = readonly (string | number)[];

/** Where a quality entry stands: under a column or under the object. */
interface Place {
  readonly path: Path;
  readonly column?: string;
  readonly object?: string;
  /** Column names in the data by the names of the contract's properties. */
  readonly names: ReadonlyMap<string, string>;
}

const OPERATORS = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const;
const DESCRIPTION = [
  'id',
  'name',
  'description',
  'type',
  'dimension',
  'method',
  'businessImpact',
  'schedule',
  'scheduler',
  'tags',
  'authoritativeDefinitions',
  'customProperties',
  'severity',
];
const LIBRARY = ['metric', 'rule', 'arguments', 'unit', ...OPERATORS];
const METRICS = ['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'rowCount'];
/** Severities that datacontract-cli takes as a warning; every other one fails. */
const WARNINGS = ['info', 'warning', 'warn', 'low', 'minor', 'trivial'];

/** Why a quality entry cannot be judged. */
class NotUnderstood extends Error {}

/** The rule of one quality entry (ODCS v3.1, docs/data-quality.md). Never throws for what is in the entry. */
export function qualityRule(entry: Readonly<Record<string, unknown>>, place: Place): Rule {
  const metric = entry['metric'] ?? entry['rule'];
  const label = [entry['id'], entry['name'], metric, entry['type']].find((part) => typeof part === 'string');
  const base = {
    id: [place.column, label ?? 'quality'].filter((part) => part !== undefined).join('.'),
    path: place.path,
    severity: WARNINGS.includes(String(entry['severity']).toLowerCase()) ? 'warn' : 'fail',
  } as const;
  const column = place.column === undefined ? {} : { column: place.column };
  try {
    if (entry['type'] === 'text') {
      return {
        ...base,
        ...column,
        on: 'nothing',
        verdict: 'info',
        why: 'is prose for people; nothing was executed.',
      };
    }
    return { ...base, ...libraryRule(entry, String(metric), place) };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return { ...base, ...column, on: 'nothing', verdict: 'error', why: error.message };
  }
}

type LibraryRule = Rule extends infer R
  ? R extends Rule
    ? Omit<R, 'id' | 'path' | 'severity'>
    : never
  : never;

function libraryRule(entry: Readonly<Record<string, unknown>>, metric: string, place: Place): LibraryRule {
  const type = entry['type'] ?? 'library';
  if (type !== 'library') {
    throw new NotUnderstood(
      `quality of type '${text(type)}' is not executed here. Use a metric (${METRICS.join(', ')}) or type text.`,
    );
  }
  if (!METRICS.includes(metric)) {
    const nearest = metric === 'undefined' ? '' : ` Did you mean '${closest(metric, METRICS)}'?`;
    throw new NotUnderstood(`the metric '${metric}' is not known.${nearest} Known: ${METRICS.join(', ')}.`);
  }
  const strange = Object.keys(entry).find((key) => ![...DESCRIPTION, ...LIBRARY].includes(key));
  if (strange !== undefined) {
    const nearest = closest(strange, [...DESCRIPTION, ...LIBRARY]);
    throw new NotUnderstood(`the key '${strange}' is not known. Did you mean '${nearest}'?`);
  }
  const expect = expectation(entry);
  const given = (entry['arguments'] ?? {}) as Readonly<Record<string, unknown>>;
  if (metric === 'rowCount') return rowCount(given, expect, place);
  if (metric === 'duplicateValues') {
    return { on: 'key', kind: 'duplicateValues', columns: keyColumns(given, place), expect };
  }
  if (place.column === undefined) {
    throw new NotUnderstood(`the metric '${metric}' belongs under a property, not under the object.`);
  }
  return { on: 'values', column: place.column, check: valueCheck(metric, given), expect };
}

function rowCount(given: Readonly<Record<string, unknown>>, expect: Expectation, place: Place): LibraryRule {
  if (place.column !== undefined) throw new NotUnderstood("the metric 'rowCount' belongs under the object.");
  if (expect.unit === 'percent')
    throw new NotUnderstood("the metric 'rowCount' has no percentage; use unit rows.");
  only(given, []);
  return { on: 'table', kind: 'rowCount', expect };
}

function expectation(entry: Readonly<Record<string, unknown>>): Expectation {
  const operators = OPERATORS.filter((operator) => operator in entry);
  const operator = operators[0];
  if (operator === undefined || operators.length > 1) {
    throw new NotUnderstood(
      `exactly one operator is needed, found ${operators.length === 0 ? 'none' : operators.join(' and ')}. Known: ${OPERATORS.join(', ')}.`,
    );
  }
  const unit = entry['unit'] ?? 'rows';
  if (unit !== 'rows' && unit !== 'percent') {
    throw new NotUnderstood(`the unit '${text(unit)}' is not known. Known: rows, percent.`);
  }
  return { comparison: comparison(operator, entry[operator]), unit };
}

function comparison(operator: (typeof OPERATORS)[number], value: unknown): Comparison {
  if (operator === 'mustBeBetween' || operator === 'mustNotBeBetween') {
    const [low, high] = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : [];
    if (isFiniteNumber(low) && isFiniteNumber(high) && low <= high) return { operator, value: [low, high] };
    throw new NotUnderstood(`${operator} needs two numbers, the smaller one first.`);
  }
  if (isFiniteNumber(value)) return { operator, value };
  throw new NotUnderstood(`${operator} needs a number.`);
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function keyColumns(given: Readonly<Record<string, unknown>>, place: Place): string[] {
  if (place.column !== undefined) {
    only(given, []);
    return [place.column];
  }
  only(given, ['properties']);
  const listed = given['properties'];
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new NotUnderstood("duplicateValues of an object needs 'arguments: {properties: [...]}'.");
  }
  return listed.map((name: unknown) => {
    const column = place.names.get(String(name));
    if (column === undefined) {
      throw new NotUnderstood(`'${String(name)}' is not a property of '${place.object ?? ''}'.`);
    }
    return column;
  });
}

function valueCheck(metric: string, given: Readonly<Record<string, unknown>>): Check {
  if (metric === 'nullValues') {
    only(given, []);
    return { kind: 'nullValues' };
  }
  if (metric === 'missingValues') {
    only(given, ['missingValues']);
    const missing = scalars(given, 'missingValues');
    if (missing !== undefined) return { kind: 'missingValues', missing };
    throw new NotUnderstood("missingValues needs 'arguments: {missingValues: [null, …]}'.");
  }
  only(given, ['validValues', 'pattern', 'missingValues']);
  const valid = scalars(given, 'validValues');
  const pattern = given['pattern'];
  if (valid === undefined && pattern === undefined) {
    throw new NotUnderstood("invalidValues needs 'arguments' with validValues or pattern.");
  }
  if (pattern !== undefined && typeof pattern !== 'string')
    throw new NotUnderstood('pattern has to be a text.');
  const fault = pattern === undefined ? undefined : patternFault(pattern);
  if (fault !== undefined) throw new NotUnderstood(fault);
  return {
    kind: 'invalidValues',
    missing: scalars(given, 'missingValues') ?? [null],
    ...(valid === undefined ? {} : { valid }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

function scalars(given: Readonly<Record<string, unknown>>, key: string): Scalar[] | undefined {
  const list = given[key];
  if (list === undefined) return undefined;
  const plain = (item: unknown): item is Scalar =>
    item === null || ['string', 'boolean'].includes(typeof item) || isFiniteNumber(item);
  if (Array.isArray(list) && list.length > 0 && list.every(plain)) return list;
  throw new NotUnderstood(`${key} has to be a list of texts, numbers, booleans or null.`);
}

function only(given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const strange = Object.keys(given).find((key) => !known.includes(key));
  if (strange === undefined) return;
  throw new NotUnderstood(
    `the argument '${strange}' is not known here.${known.length === 0 ? ' The metric takes none.' : ` Known: ${known.join(', ')}.`}`,
  );
}

/** A value from the contract in a message. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
