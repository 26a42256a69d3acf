import { isMap, isScalar, LineCounter, type YAMLMap } from 'yaml';
import { UserError } from '../action/errors.ts';
import { LIMITS } from '../action/limits.ts';
import { readDocument } from '../schema/document.ts';
import type { Measurement } from './measurement.ts';

/** What a team logged: every metric by its dotted name, the unusable ones with the reason. */
export type LoggedMetrics = ReadonlyMap<string, Measurement>;

/**
 * Parses a metrics file (JSON or YAML): nested keys joined with `.`; a number, or `{value, se}`. NaN, ±Infinity, text
 * and booleans become problems of that metric, so that a rule naming it can never pass. Throws `bad-input` naming
 * `source` when the text is no map or not well-formed, and for an empty one.
 */
export function parseMetrics(text: string, source: string): LoggedMetrics {
  if (text.trim() === '')
    throw new UserError('bad-input', `${source} is empty. Write metrics into it, such as {"auc": 0.71}.`);
  const lines = new LineCounter();
  const { document, fault, offset } = readDocument(quoteBareNumbers(text), LIMITS.metrics, {
    lineCounter: lines,
  });
  if (fault !== undefined) {
    const { line, col } = lines.linePos(offset ?? 0);
    throw new UserError(
      'bad-input',
      offset === undefined
        ? `${source} ${fault}`
        : `${source} is neither JSON nor YAML: at line ${line}, column ${col}: ${fault}`,
    );
  }
  if (!isMap(document.contents)) {
    throw new UserError(
      'bad-input',
      `${source} holds no map of metrics. Write names with numbers, such as {"auc": 0.71}.`,
    );
  }
  const found = new Map<string, Measurement>();
  collect(document.contents, '', found);
  return found;
}

/** Python's json.dumps writes NaN and Infinity bare; in YAML these would be texts, which hides what they are. */
function quoteBareNumbers(text: string): string {
  return /^\s*[{[]/.test(text)
    ? text.replace(
        /("(?:[^"\\]|\\.)*")|(?<![\w.])(-?)(NaN|Infinity)(?![\w.])/g,
        (all, quoted, sign: string, name: string) =>
          quoted === undefined ? (name === 'NaN' ? '.nan' : `${sign}.inf`) : all,
      )
    : text;
}

function collect(map: YAMLMap, prefix: string, found: Map<string, Measurement>): void {
  const own = ownMeasurement(map);
  if (own !== undefined && prefix !== '') {
    found.set(prefix, own);
    return;
  }
  for (const { key, value } of map.items) {
    const name = `${prefix}${prefix === '' ? '' : '.'}${String(isScalar(key) ? key.value : key)}`;
    if (isMap(value)) collect(value, name, found);
    else found.set(name, toMeasurement(isScalar(value) ? value.value : value, name));
  }
}

/** `{value, se}` is one metric; any further key makes it a group of metrics. */
function ownMeasurement(map: YAMLMap): Measurement | undefined {
  if (
    !map.has('value') ||
    !map.items.every(({ key }) => isScalar(key) && ['value', 'se'].includes(String(key.value)))
  ) {
    return undefined;
  }
  const value = toMeasurement(map.get('value'), 'value');
  const error = map.get('se');
  if (value.kind === 'problem' || error === undefined) return value;
  if (typeof error !== 'number' || !(error >= 0) || error === Infinity) {
    return notANumber(`Its standard error is ${shown(error)}; write a number that is 0 or more.`);
  }
  return { ...value, standardError: error };
}

function toMeasurement(value: unknown, name: string): Measurement {
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'value', value };
  if (typeof value === 'number') return notANumber(`The value of '${name}' is ${value}.`);
  return notANumber(`The value of '${name}' is ${shown(value)}, not a number.`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `the text '${value.length > 40 ? `${value.slice(0, 39)}…` : value}'`;
  if (typeof value === 'boolean') return `the boolean ${value}`;
  if (typeof value === 'number') return String(value);
  return value === null || value === undefined ? 'empty' : 'a list or something else';
}

function notANumber(message: string): Measurement {
  return { kind: 'problem', reason: 'not-a-number', message };
}
