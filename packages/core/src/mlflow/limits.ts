/*
 * What MLflow takes at most (mlflow/utils/validation.py). It cuts long values silently; here they are cut before they are
 * sent, so that the log can say so.
 */

/** A key with its value, as MLflow keeps parameters and tags. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

export interface Metric {
  readonly key: string;
  readonly value: number;
}

const KEY = 250;
const PARAM_VALUE = 6000;
const TAG_VALUE = 8000;
const METRICS_PER_BATCH = 1000;
const ENTRIES_PER_BATCH = 100;

/** Fitting entries, and one sentence for each that had to be changed. */
export interface Fitted<T> {
  readonly entries: readonly T[];
  readonly notes: readonly string[];
}

/** Parameters as MLflow takes them. */
export function fitParams(params: readonly Entry[]): Fitted<Entry> {
  return fitEntries(params, 'parameter', PARAM_VALUE);
}

/** Tags of a run as MLflow takes them. */
export function fitTags(tags: readonly Entry[]): Fitted<Entry> {
  return fitEntries(tags, 'tag', TAG_VALUE);
}

/** Metrics with names that MLflow takes. */
export function fitMetrics(metrics: readonly Metric[]): Fitted<Metric> {
  return fitKeys(metrics, 'metric');
}

/** Batches that MLflow takes in one call: 1,000 metrics, 100 parameters and 100 tags each. */
export function batches(
  metrics: readonly Metric[],
  params: readonly Entry[],
  tags: readonly Entry[],
): { metrics: readonly Metric[]; params: readonly Entry[]; tags: readonly Entry[] }[] {
  const count = Math.max(
    Math.ceil(metrics.length / (METRICS_PER_BATCH - 2 * ENTRIES_PER_BATCH)),
    Math.ceil(params.length / ENTRIES_PER_BATCH),
    Math.ceil(tags.length / ENTRIES_PER_BATCH),
  );
  const part = <T>(all: readonly T[], size: number, index: number): readonly T[] =>
    all.slice(index * size, (index + 1) * size);
  return Array.from({ length: count }, (_, index) => ({
    metrics: part(metrics, METRICS_PER_BATCH - 2 * ENTRIES_PER_BATCH, index),
    params: part(params, ENTRIES_PER_BATCH, index),
    tags: part(tags, ENTRIES_PER_BATCH, index),
  }));
}

function fitEntries(all: readonly Entry[], what: string, longest: number): Fitted<Entry> {
  const { entries, notes } = fitKeys(all, what);
  const long = entries.filter(({ value }) => value.length > longest);
  return {
    entries: entries.map(({ key, value }) => ({
      key,
      value: value.length > longest ? `${value.slice(0, longest - 1)}…` : value,
    })),
    notes: [
      ...notes,
      ...long.map(
        ({ key, value }) =>
          `The ${what} '${key}' has ${value.length} characters and MLflow keeps ${longest}; it was cut there.`,
      ),
    ],
  };
}

/** Names hold letters, digits, `_ - . : /` and spaces, and are paths without empty parts or `..`. */
function fitKeys<T extends { readonly key: string }>(all: readonly T[], what: string): Fitted<T> {
  const notes: string[] = [];
  const taken = new Set<string>();
  const entries = all.flatMap((entry) => {
    const key = fittingKey(entry.key);
    if (key === '' || taken.has(key)) {
      notes.push(`The ${what} '${entry.key}' was left out: MLflow cannot tell its name from another's.`);
      return [];
    }
    taken.add(key);
    if (key !== entry.key) notes.push(`The ${what} '${entry.key}' is called '${key}' in MLflow.`);
    return [{ ...entry, key }];
  });
  return { entries, notes };
}

function fittingKey(key: string): string {
  return key
    .replace(/[^\w/.\- :]/g, '_')
    .split('/')
    .filter((part) => !['', '.', '..'].includes(part))
    .join('/')
    .slice(0, KEY);
}
