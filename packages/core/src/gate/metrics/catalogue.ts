import { measurement, type Measurement } from '../measurement.ts';
import type { Sample } from '../sample.ts';
import { ece } from './calibration.ts';
import { COUNT_METRICS, countMetric } from './classification.ts';
import { brier, logLoss } from './probability.ts';
import { auc, averagePrecision } from './ranking.ts';
import { mae, mape, r2, rmse } from './regression.ts';

/** Which way is better. */
export type Direction = 'higher' | 'lower';

interface ComputedMetric {
  readonly direction: Direction;
  readonly compute: (sample: Sample) => number;
}

const higher = (compute: (sample: Sample) => number): ComputedMetric => ({ direction: 'higher', compute });
const lower = (compute: (sample: Sample) => number): ComputedMetric => ({ direction: 'lower', compute });

/** Every metric that is computed from predictions. */
export const COMPUTED_METRICS: ReadonlyMap<string, ComputedMetric> = new Map([
  ...[...COUNT_METRICS].map(([name, metric]) => [name, higher(countMetric(metric))] as const),
  ...Object.entries({
    auc: higher(auc),
    'average-precision': higher(averagePrecision),
    'log-loss': lower(logLoss),
    brier: lower(brier),
    ece: lower(ece),
    mae: lower(mae),
    rmse: lower(rmse),
    mape: lower(mape),
    r2: higher(r2),
  }),
]);

/** Metrics that teams log themselves under names everybody knows. */
const USUAL: ReadonlyMap<string, Direction> = new Map(
  Object.entries({
    'roc-auc': 'higher',
    'auc-roc': 'higher',
    'pr-auc': 'higher',
    'f1-score': 'higher',
    ndcg: 'higher',
    mrr: 'higher',
    bleu: 'higher',
    loss: 'lower',
    logloss: 'lower',
    mse: 'lower',
    wer: 'lower',
    perplexity: 'lower',
  } as const),
);

/** Which way is better for a metric of the field, `test.log_loss` and `log-loss` alike; undefined for unknown names. */
export function knownDirection(metric: string): Direction | undefined {
  const name = (metric.split('.').at(-1) ?? '').toLowerCase().replaceAll('_', '-');
  return COMPUTED_METRICS.get(name)?.direction ?? USUAL.get(name);
}

/** Computes a metric of the catalogue from predictions; undefined when the name is not in it. */
export function computeMetric(name: string, sample: Sample): Measurement | undefined {
  const metric = COMPUTED_METRICS.get(name);
  return metric === undefined ? undefined : measurement(() => metric.compute(sample));
}
