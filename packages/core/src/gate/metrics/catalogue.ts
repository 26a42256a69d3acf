import { measurement, type Measurement } from '../measurement.ts';
import { meanOverRepeats } from '../repeats.ts';
import type { Sample } from '../sample.ts';
import { ece } from './calibration.ts';
import { COUNT_METRICS, countMetric } from './classification.ts';
import { latencyQuantile, quantileOfLatency } from './latency.ts';
import { auc, averagePrecision } from './ranking.ts';
import { r2, rmse } from './regression.ts';
import { meanOf } from './sum.ts';
import { ROW_MEANS, unitMean, type UnitMean } from './unit-means.ts';

/** Which way is better. */
export type Direction = 'higher' | 'lower';

interface ComputedMetric {
  readonly direction: Direction;
  readonly compute: (sample: Sample) => number;
  /** A column without which a metric of this name can only be one that the team logs. */
  readonly needs?: 'queries' | 'latency';
}

const higher = (compute: (sample: Sample) => number): ComputedMetric => ({ direction: 'higher', compute });
const lower = (compute: (sample: Sample) => number): ComputedMetric => ({ direction: 'lower', compute });
const mean = ({ unit, direction, terms }: UnitMean): ComputedMetric => ({
  direction,
  compute: (sample) => meanOf(terms(sample)),
  ...(unit === 'query' ? { needs: 'queries' } : {}),
});

const NAMED: ReadonlyMap<string, ComputedMetric> = new Map([
  ...[...ROW_MEANS].map(([name, metric]) => [name, mean(metric)] as const),
  ...[...COUNT_METRICS].map(([name, metric]) => [name, higher(countMetric(metric))] as const),
  ...Object.entries({
    auc: higher(auc),
    'average-precision': higher(averagePrecision),
    ece: lower(ece),
    rmse: lower(rmse),
    r2: higher(r2),
  }),
]);

/** What rules may call the metrics that are computed from predictions; <q> and <k> stand for numbers. */
export const COMPUTED_NAMES: readonly string[] = [
  ...NAMED.keys(),
  'pinball-<q>',
  'mrr',
  'mrr@<k>',
  'ndcg',
  'ndcg@<k>',
  'latency-p<q>-ms',
];

/** The metric of this name that is computed from predictions; undefined when there is none. */
export function computedMetric(name: string): ComputedMetric | undefined {
  const named = NAMED.get(name);
  if (named !== undefined) return named;
  const terms = unitMean(name);
  if (terms !== undefined) return mean(terms);
  const quantile = latencyQuantile(name);
  return quantile === undefined
    ? undefined
    : { ...lower((sample) => quantileOfLatency(sample, quantile)), needs: 'latency' };
}

/** Whether the metric is computed from this sample, rather than one that a team logs under the name. */
export function isComputedFrom(name: string, sample: Sample): boolean {
  const metric = computedMetric(name);
  return metric !== undefined && (metric.needs === undefined || sample[metric.needs] !== undefined);
}

/** Metrics that teams log themselves under names everybody knows. */
const USUAL: ReadonlyMap<string, Direction> = new Map(
  Object.entries({
    'roc-auc': 'higher',
    'auc-roc': 'higher',
    'pr-auc': 'higher',
    'f1-score': 'higher',
    bleu: 'higher',
    loss: 'lower',
    logloss: 'lower',
    mse: 'lower',
    wer: 'lower',
    perplexity: 'lower',
    'model-bytes': 'lower',
  } as const),
);

/** Which way is better for a metric of the field, `test.log_loss` and `log-loss` alike; undefined for unknown names. */
export function knownDirection(metric: string): Direction | undefined {
  const whole = metric.toLowerCase().replaceAll('_', '-');
  // The point of a number, as in pinball-0.9, does not end a prefix.
  const name = whole.replace(/^.*\.(?!\d)/, '');
  return computedMetric(name)?.direction ?? USUAL.get(name);
}

/** Computes a metric of the catalogue from predictions; undefined when the name is not in it. */
export function computeMetric(name: string, sample: Sample): Measurement | undefined {
  const metric = computedMetric(name);
  return metric === undefined ? undefined : measurement(() => meanOverRepeats(sample, metric.compute));
}
