import { MetricError } from '../measurement.ts';
import { needFinite, needRows, type Sample } from '../sample.ts';

/** The share of rows of a metric such as `latency-p95-ms`; undefined for another name. */
export function latencyQuantile(metric: string): number | undefined {
  const percent = /^latency-p(\d{1,2}(?:\.\d+)?)-ms$/.exec(metric)?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}

/**
 * The quantile of the latencies, linear between the two nearest of them: at place (n − 1)·q from 0 (definition 7 of
 * Hyndman & Fan, The American Statistician 50, 1996; the default of numpy and R).
 */
export function quantileOfLatency(sample: Sample, quantile: number): number {
  const sorted = needLatency(sample).slice().sort();
  const at = quantile * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (at - Math.floor(at)) * (high - low);
}

/** Milliseconds per row; throws MetricError when there are none or one is no duration. */
export function needLatency(sample: Sample): Float64Array {
  needRows(sample);
  if (sample.latency === undefined) {
    throw new MetricError(
      'missing-metric',
      'The predictions have no latency column. Write latency-ms, or name it under columns.latency.',
    );
  }
  needFinite(sample.latency, 'latency');
  const row = sample.latency.findIndex((ms) => ms < 0);
  if (row >= 0) {
    throw new MetricError('undefined-metric', `The latency of row ${row + 1} is ${sample.latency[row]}.`);
  }
  return sample.latency;
}
