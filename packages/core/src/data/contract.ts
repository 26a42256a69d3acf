import type { Contract, Property, SchemaObject } from './contract-schema.ts';
import { isDateFormat } from './date-format.ts';
import { STRING_FORMATS, INTEGER_FORMATS } from './formats.ts';
import { patternFault } from './patterns.ts';
import { qualityRule } from './quality.ts';
import { NONE, type Bound, type Check, type LogicalType, type Rule } from './rules.ts';

type Path = readonly (string | number)[];

/** The rules that one object of a contract sets for a data set, in the order of the contract. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  /** Columns the contract knows, by the name they have in the data. */
  readonly columns: ReadonlySet<string>;
  /** Columns whose values are never shown, by their classification. */
  readonly sensitive: ReadonlySet<string>;
}

/** As datacontract-cli does when it leaves columns out of failed samples. */
const SENSITIVE = /pii|personal|confidential|restricted|sensitive|secret|private/i;

/**
 * Finds the object of a contract that describes a data set: the one of its name, or the only one there is. Returns its
 * index, or undefined when the contract has several and none is called so.
 */
export function objectFor(contract: Contract, dataSet: string): number | undefined {
  const named = contract.schema.findIndex((object) => object.name === dataSet);
  if (named !== -1) return named;
  return contract.schema.length === 1 ? 0 : undefined;
}

/** Translates one object of a contract into rules. What is not understood becomes a rule that says so. */
export function compileRules(contract: Contract, index: number): RuleSet {
  const object = contract.schema[index] as SchemaObject;
  const properties = object.properties ?? [];
  const at: Path = ['schema', index];
  const names = new Map(properties.map((p) => [p.name, columnName(p)]));
  const rules = [
    ...properties.flatMap((p, i) => propertyRules(p, [...at, 'properties', i], names)),
    ...primaryKey(properties, [...at, 'properties']),
    ...notChecked(contract, object, at),
    ...(object.quality ?? []).map((entry, i) =>
      qualityRule(entry, { path: [...at, 'quality', i], object: object.name, names }),
    ),
  ];
  return {
    rules: withUniqueIds(rules),
    columns: new Set(names.values()),
    sensitive: new Set(properties.filter((p) => SENSITIVE.test(p.classification ?? '')).map(columnName)),
  };
}

/** Promises of a contract that no data file can break or keep on its own are listed, not passed over in silence. */
function notChecked(contract: Contract, object: SchemaObject, at: Path): Rule[] {
  const info = (id: string, path: Path): Rule => ({
    id,
    path,
    severity: 'warn',
    on: 'nothing',
    verdict: 'info',
    why: `${id} are not checked here.`,
  });
  const related = [object, ...(object.properties ?? [])].some((part) => part.relationships !== undefined);
  return [
    ...(related ? [info('relationships', at)] : []),
    ...(contract.slaProperties === undefined ? [] : [info('slaProperties', ['slaProperties'])]),
  ];
}

function columnName(property: Property): string {
  return property.physicalName ?? property.name;
}

function propertyRules(property: Property, path: Path, names: ReadonlyMap<string, string>): Rule[] {
  const column = columnName(property);
  const value = (id: string, at: Path, check: Check): Rule => ({
    id: `${column}.${id}`,
    path: at,
    severity: 'fail',
    on: 'values',
    column,
    check,
    expect: NONE,
  });
  const rules: Rule[] = [
    { id: `${column}.presence`, path, severity: 'fail', on: 'column', column, check: { kind: 'presence' } },
  ];
  const type = property.logicalType;
  const format = property.logicalTypeOptions?.['format'];
  const dated = type === 'date' || type === 'timestamp' || type === 'time';
  if (type !== undefined) {
    const check: Check = {
      kind: 'type',
      type,
      ...(dated && typeof format === 'string' ? { format } : {}),
    };
    rules.push(value('type', [...path, 'logicalType'], check));
  }
  if (property.required === true || property.primaryKey === true) {
    const key = property.required === true ? 'required' : 'primaryKey';
    rules.push(value('required', [...path, key], { kind: 'required' }));
  }
  if (property.unique === true) {
    rules.push({
      id: `${column}.unique`,
      path: [...path, 'unique'],
      severity: 'fail',
      on: 'key',
      kind: 'unique',
      columns: [column],
      expect: NONE,
    });
  }
  for (const [name, option] of Object.entries(property.logicalTypeOptions ?? {})) {
    const at = [...path, 'logicalTypeOptions', name];
    const check = optionCheck(type, name, option);
    if (check === undefined) continue;
    rules.push(
      typeof check === 'string'
        ? notUnderstood(`${column}.${name}`, at, check, column)
        : value(name, at, check),
    );
  }
  for (const key of ['items', 'properties'] as const) {
    if (property[key] === undefined) continue;
    const why = `'${key}' of a nested column cannot be checked. Describe it as text in a quality entry of type text.`;
    rules.push(notUnderstood(`${column}.${key}`, [...path, key], why, column));
  }
  const entries = property.quality ?? [];
  return [
    ...rules,
    ...entries.map((entry, i) => qualityRule(entry, { path: [...path, 'quality', i], column, names })),
  ];
}

/** All primary-key columns together, in the order of their positions. */
function primaryKey(properties: readonly Property[], path: Path): Rule[] {
  const keys = properties
    .map((property, index) => ({ property, index }))
    .filter(({ property }) => property.primaryKey === true)
    .sort((a, b) => (a.property.primaryKeyPosition ?? 0) - (b.property.primaryKeyPosition ?? 0));
  const first = keys[0];
  if (first === undefined) return [];
  const columns = keys.map(({ property }) => columnName(property));
  return [
    {
      id: `${columns.join('+')}.primaryKey`,
      path: [...path, first.index, 'primaryKey'],
      severity: 'fail',
      on: 'key',
      kind: 'primaryKey',
      columns,
      expect: NONE,
    },
  ];
}

const BOUNDS: readonly string[] = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
] satisfies Bound[];

/** The check of one logicalTypeOption; a text says why there is none; undefined where it sets no rule. */
function optionCheck(
  type: LogicalType | undefined,
  name: string,
  option: unknown,
): Check | string | undefined {
  const unknown = `the option '${name}' is not known for ${type ?? 'a column without logicalType'}.`;
  switch (type) {
    case 'integer':
    case 'number':
      return numberOption(type, name, option) ?? unknown;
    case 'string':
      return stringOption(name, option) ?? unknown;
    case 'date':
    case 'timestamp':
    case 'time':
      if (name === 'timezone' || name === 'defaultTimezone')
        return timezoneOption(type, name, option, unknown);
      if (name === 'format') return formatOption(option);
      if (!BOUNDS.includes(name)) return unknown;
      return momentBound(type, name as Bound, option);
    default:
      return unknown;
  }
}

function numberOption(type: 'integer' | 'number', name: string, option: unknown): Check | string | undefined {
  if (name === 'format') {
    if (type === 'number' && (option === 'f32' || option === 'f64'))
      return { kind: 'format', format: option };
    const known = Object.keys(INTEGER_FORMATS);
    if (type === 'integer' && known.includes(String(option)))
      return { kind: 'format', format: String(option) };
    return `the format '${String(option)}' is not known. Allowed: ${type === 'number' ? 'f32, f64' : known.join(', ')}.`;
  }
  if (name !== 'multipleOf' && !BOUNDS.includes(name)) return undefined;
  if (typeof option !== 'number' || !Number.isFinite(option)) return `${name} has to be a number.`;
  if (name !== 'multipleOf') return { kind: 'bound', bound: name as Bound, limit: option, type };
  return option > 0 ? { kind: 'multipleOf', step: option } : 'multipleOf has to be above 0.';
}

function stringOption(name: string, option: unknown): Check | string | undefined {
  switch (name) {
    case 'minLength':
    case 'maxLength':
      return Number.isInteger(option) && Number(option) >= 0
        ? { kind: 'length', bound: name, limit: Number(option) }
        : `${name} has to be a whole number from 0.`;
    case 'pattern':
      if (typeof option !== 'string') return 'pattern has to be a text.';
      return patternFault(option) ?? { kind: 'pattern', pattern: option };
    case 'format':
      return Object.keys(STRING_FORMATS).includes(String(option))
        ? { kind: 'format', format: String(option) }
        : `the format '${String(option)}' is not known. Known: ${Object.keys(STRING_FORMATS).join(', ')}. Use a pattern.`;
    default:
      return undefined;
  }
}

const MOMENTS = {
  date: { pattern: /^\d{4}-\d{2}-\d{2}$/, example: '2013-01-31' },
  timestamp: {
    pattern: /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/,
    example: '2013-01-31T12:00:00Z',
  },
  time: { pattern: /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, example: '12:00:00' },
} as const;

function momentBound(type: keyof typeof MOMENTS, bound: Bound, option: unknown): Check | string {
  const { pattern, example } = MOMENTS[type];
  const text = String(option);
  const real = type === 'time' || !Number.isNaN(Date.parse(text.replace(' ', 'T')));
  if (pattern.test(text) && real) return { kind: 'bound', bound, limit: text, type };
  return `${bound} is '${text}'; it has to be a ${type} such as '${example}'.`;
}

/** The format is part of the type rule, so there is nothing to add unless it cannot be read. */
function formatOption(option: unknown): string | undefined {
  if (typeof option === 'string' && isDateFormat(option)) return undefined;
  return `the format '${String(option)}' cannot be read. Use the letters y M d H m s S with separators, 'T' in quotes and X for the zone.`;
}

function timezoneOption(
  type: LogicalType,
  name: 'timezone' | 'defaultTimezone',
  option: unknown,
  unknown: string,
): string | undefined {
  if (type === 'date') return unknown;
  if (name === 'timezone' && option !== true) return undefined;
  if (name === 'defaultTimezone' && ['UTC', 'Etc/UTC'].includes(String(option))) return undefined;
  return `${name}: ${String(option)} cannot be checked; times without a zone are read as UTC.`;
}

function notUnderstood(id: string, path: Path, why: string, column: string): Rule {
  return { id, path, severity: 'fail', on: 'nothing', column, verdict: 'error', why };
}

function withUniqueIds(rules: readonly Rule[]): Rule[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const count = (seen.get(rule.id) ?? 0) + 1;
    seen.set(rule.id, count);
    return count === 1 ? rule : { ...rule, id: `${rule.id}-${count}` };
  });
}
